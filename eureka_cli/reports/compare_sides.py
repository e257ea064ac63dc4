"""Runs grouped into sides by a setting, over all tasks that every side has. The unit is a run, not a seed."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.analysis import aggregate, normalised
from eureka_cli.analysis.aggregate import Table
from eureka_cli.analysis.normalised import Scale
from eureka_cli.core import Json
from eureka_cli.errors import UsageError
from eureka_cli.reports.compare import Found, Group, differing, groups, repeats, shown

TAUS = [round(0.05 * k, 2) for k in range(61)]
"""Human-normalised scores at which the performance profile is drawn."""

PERCENTILES = (10, 25, 50)


class Shared(NamedTuple):
    """A task that every side has."""

    task: str
    scale: Scale | None
    """From the baselines of all its runs, whatever their side; None where it has none."""
    sides: dict[str, list[Found]]


def setting(runs: Sequence[Found], key: str) -> str:
    """The dotted key meant by `key`: itself, `key_name` of a plug-in, or the one that ends in it."""
    known = sorted({name for run in runs for name in run.settings})
    found = [name for name in known if name in (key, f"{key}_name")]
    found = found or [name for name in known if name.endswith(f".{key}")]
    if len(found) > 1:
        raise UsageError(f"--by {key} may mean {' or '.join(found)}. Write it in full.")
    if not found:
        short = [name.rpartition(".")[2].removesuffix("_name") for name in known]
        close = difflib.get_close_matches(key, [*known, *short], n=1)
        hint = f" Did you mean {close[0]!r}?" if close else f" They differ in: {_differ(runs)}."
        raise UsageError(f"No run has a setting {key!r}.{hint}")
    return found[0]


def _differ(runs: Sequence[Found]) -> str:
    return ", ".join(differing({run.name: run.settings for run in runs})) or "nothing"


def compare(runs: Sequence[Found], key: str) -> dict[str, Json]:
    """IQM of human-normalised scores, profile and, for every two sides, the probability of improvement.

    Raises UsageError where the runs make one side only.
    """
    side_of = {run.name: shown(run.settings.get(key)) for run in runs}
    values = list(dict.fromkeys(side_of.values()))
    if len(values) < 2:
        raise UsageError(f"All runs have {key} {values[0]}, so there are no sides. They differ in: {_differ(runs)}.")
    return of_sides(runs, key, side_of, values)


def of_sides(runs: Sequence[Found], key: str, side_of: Mapping[str, str], values: Sequence[str]) -> dict[str, Json]:
    """The same for sides given by the names of their runs; `key` is what a side is called in a sentence."""
    shared, notes = _shared(groups(runs), key, side_of, values)
    return {
        "key": key,
        "tasks": [row.task for row in shared],
        "notes": notes + [note for row in shared for note in _remarks(row)],
        "taus": TAUS,
        "sides": [_side(value, shared) for value in values],
        "pairs": [_pair(ours, theirs, shared) for ours, theirs in itertools.combinations(values, 2)] if shared else [],
    }


def _shared(
    found: Sequence[Group], key: str, side_of: Mapping[str, str], values: Sequence[str]
) -> tuple[list[Shared], list[str]]:
    """The tasks all sides have, and a sentence on every task or run left out."""
    shared, notes = [], []
    for group in found:
        sides: dict[str, list[Found]] = {}
        for run in group.runs:
            side = sides.setdefault(side_of[run.name], [])
            twin = next((other for other in side if repeats(other, run)), None)
            if twin is None:
                side.append(run)
            else:
                notes.append(f"{run.name} is {twin.name} again (same reward, same seeds): counted once.")
        if missing := [value for value in values if value not in sides]:
            notes.append(f"{group.task} is left out: no run with {key} {' or '.join(missing)}.")
        else:
            shared.append(Shared(group.task, _scale(group.runs), sides))
    return shared, notes


def _scale(runs: Sequence[Found]) -> Scale | None:
    """One scale for the task, so that no side is measured against luckier baselines than the other."""
    human, sparse = (pooled(runs, label) for label in ("human", "sparse"))
    return normalised.scale(human, sparse) if human and sparse else None


def pooled(runs: Sequence[Found], label: str) -> list[float]:
    """Scores of a baseline of all runs; a list that begins another comes from the same trainings and counts once."""
    lists = [scores for run in runs if (scores := run.baseline(label))]
    distinct: list[list[float]] = []
    for scores in sorted(lists, key=len, reverse=True):
        if not any(longer[: len(scores)] == scores for longer in distinct):
            distinct.append(scores)
    return [score for scores in distinct for score in scores]


def _remarks(row: Shared) -> list[str]:
    if row.scale is None:
        return [
            f"{row.task} has no human and sparse reward that differ to normalise by: it counts in probabilities alone."
        ]
    return [f"Read normalised scores of {row.task} with care: {row.scale.warning}."] if row.scale.warning else []


# ---------------------------------------------------------------- tables


def _fitness(shared: Sequence[Shared], side: str) -> Table:
    return [[run.scores for run in row.sides[side]] for row in shared]


def _normalised(shared: Sequence[Shared], side: str) -> Table:
    return [[row.scale.raw(run.scores) for run in row.sides[side]] for row in shared if row.scale]


def _clipped(table: Table) -> Table:
    return [[normalised.clipped(np.asarray(unit)) for unit in units] for units in table]


def _side(side: str, shared: Sequence[Shared]) -> dict[str, Json]:
    runs = [run for row in shared for run in row.sides[side]]
    found: dict[str, Json] = {
        "side": side,
        "runs": [run.name for run in runs],
        "n": {"tasks": len(shared), "runs": len(runs), "seeds": sum(len(run.scores) for run in runs)},
        "cost": _mean_cost(runs),
        "iqm": None,
        "clipped": None,
        "percentiles": None,
        "profile": None,
    }
    if table := _normalised(shared, side):
        profile = aggregate.profile(_clipped(table), TAUS)
        percentiles = aggregate.percentiles(table, [share / 100 for share in PERCENTILES])
        found |= {
            "percentiles": {str(share): list(value) for share, value in zip(PERCENTILES, percentiles, strict=True)},
            "iqm": list(aggregate.iqm(table)),
            "clipped": list(aggregate.iqm(_clipped(table))),
            "profile": {name: values.tolist() for name, values in profile._asdict().items()},
        }
    return found


def _mean_cost(runs: Sequence[Found]) -> Mapping[str, Json] | None:
    """Per run; a price nobody knows stays unknown."""
    if not runs:
        return None
    columns = {key: [run.cost[key] for run in runs] for key in runs[0].cost}
    return {key: None if None in column else sum(column) / len(column) for key, column in columns.items()}


def _pair(ours: str, theirs: str, shared: Sequence[Shared]) -> dict[str, Json]:
    sides = _fitness(shared, ours), _fitness(shared, theirs)
    tables = _normalised(shared, ours), _normalised(shared, theirs)
    chance = aggregate.probability_of_improvement(*sides)
    return {
        "ours": ours,
        "theirs": theirs,
        "difference": list(aggregate.difference(*tables)) if all(tables) else None,
        "probability_of_improvement": list(chance),
        "verdict": aggregate.verdict(*sides, chance, neutral=0.5, unit="runs"),
    }
