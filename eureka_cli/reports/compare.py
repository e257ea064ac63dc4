"""Finished runs side by side: what each found, and whether two that can be compared differ by more than chance."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from eureka_cli.analysis import aggregate
from eureka_cli.analysis.aggregate import of_seeds
from eureka_cli.config import read_toml
from eureka_cli.core import Json
from eureka_cli.errors import RewardSynthError
from eureka_cli.reports import history, summary
from eureka_cli.store import RunFolder, read_json

LIMITS = ("budget.all_steps", "budget.hours", "budget.cpu_hours", "budget.tokens", "budget.usd")
SAY_NOTHING = ("cores", "price", "strict", "video", "executor", "executor_name", "allow_unconfined", *LIMITS)
"""Settings that change no number here, so that a difference in them is not worth a line."""
REPEATED = "the same trainings"


class Found(NamedTuple):
    """One finished run, as far as it is compared."""

    name: str
    summary: dict[str, Json]
    settings: dict[str, Json]
    """Dotted key of run.toml's config to its value."""
    definition: dict[str, Json]
    """What its fitness means: world, parameters, fitness, evaluator. Compared are runs where all of it is the same."""
    cost: dict[str, Json]
    """Without what runs share: baselines, banks, measurements."""

    @property
    def scores(self) -> list[float]:
        """Fitness of its best reward, one a fresh seed."""
        scores: list[float] = self.summary["best"]["scores"]
        return scores

    def baseline(self, label: str) -> list[float] | None:
        return next((row["scores"] for row in self.summary["others"] if row["label"] == label), None)


class Group(NamedTuple):
    """Runs whose fitness means the same."""

    task: str
    """Its name; with what tells it apart where several tasks compared have that name."""
    runs: list[Found]


def read(folders: Sequence[RunFolder]) -> tuple[list[Found], list[str]]:
    """The finished runs among `folders`, and a sentence on each that is left out."""
    names = [folder.name for folder in folders]
    found, left_out = [], []
    for folder in folders:
        name = folder.name if names.count(folder.name) == 1 else str(folder.path)
        if history.best(folder) is None:
            state = history.state(folder)
            left_out.append(f"{name} is not finished ({state}). Go on with: reward-synth resume {name}")
            continue
        try:
            found.append(_read(name, folder))
        except (RewardSynthError, OSError) as error:
            left_out.append(f"{name} cannot be read whole ({error}). Mend it with: reward-synth resume {name}")
    return found, left_out


def _read(name: str, folder: RunFolder) -> Found:
    table, events = read_toml(folder.path / "run.toml"), folder.events()
    settings = flat({**table["config"], "params": table["task"]["params"]})
    found = summary.compute(folder)
    return Found(name, found, settings, _definition(folder, events), own_cost(folder, events))


def own_cost(folder: RunFolder, events: list[dict[str, Json]]) -> dict[str, Json]:
    """What a run spent on itself alone."""
    done = [event for event in events if event["event"] == "job-done"]
    own = [event for event in done if (folder.path / "jobs" / event["address"]).is_dir()]
    everything = summary.cost(events)
    return {
        "steps": sum(event["steps"] for event in own),
        "cpu_s": round(sum(event["cpu_s"] for event in own), 1),
        "tokens": everything["tokens"],
        "usd": everything["usd"],
    }


def _definition(folder: RunFolder, events: Sequence[dict[str, Json]]) -> dict[str, Json]:
    """From the job that measured its policies, and the measurement of its world; versions of packages are left out."""
    addresses = [event["address"] for event in events if "address" in event]
    evaluated = next(address for address in reversed(addresses) if address.startswith("evaluate/"))
    measured = next(address for address in reversed(addresses) if address.startswith("measure/"))
    spec = read_json(folder.find(evaluated) / "job.json")["spec"]
    world = read_json(folder.find(measured) / "result.json")["result"]
    code = {"env.py and model.xml": spec["world"].get("env", ""), "ending": spec["world"].get("ending", "")}
    return {
        "environment": spec["world"].get("id", "files"),
        **{f"params.{key}": value for key, value in spec["world"].get("params", {}).items()},
        "horizon": world["horizon"],
        **code,
        "compiled model": world["model"],
        "fitness code": spec["judge"]["fitness"],
        "evaluator version": spec["version"],
    }


def flat(table: Mapping[str, Json], prefix: str = "") -> dict[str, Json]:
    """Nested tables as one, keys dotted."""
    found: dict[str, Json] = {}
    for key, value in table.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


# ---------------------------------------------------------------- groups


def groups(runs: Sequence[Found]) -> list[Group]:
    """Runs by what their fitness means, in the order given."""
    found: list[list[Found]] = []
    for run in runs:
        same = next((group for group in found if _comparable(group[0], run)), None)
        found.append([run]) if same is None else same.append(run)
    return [Group(_label(group[0], [other[0] for other in found]), group) for group in found]


def _comparable(a: Found, b: Found) -> bool:
    return a.summary["task"] == b.summary["task"] and a.definition == b.definition


def _label(run: Found, others: Sequence[Found]) -> str:
    task: str = run.summary["task"]
    namesakes = [other for other in others if other.summary["task"] == task]
    if len(namesakes) == 1:
        return task
    keys = differing({other.name: other.definition for other in namesakes})
    return f"{task} ({', '.join(f'{key} {run.definition.get(key)}' for key in keys)})"


def differing(tables: Mapping[str, Mapping[str, Json]]) -> dict[str, dict[str, Json]]:
    """Keys whose values differ between tables, each with the value of every table (None where it has none)."""
    keys = dict.fromkeys(key for table in tables.values() for key in table)
    rows = {key: {name: table.get(key) for name, table in tables.items()} for key in keys}
    return {key: row for key, row in rows.items() if any(value != next(iter(row.values())) for value in row.values())}


def incomparable(found: Sequence[Group]) -> list[str]:
    """A sentence for every two groups of one task name whose fitness does not mean the same."""
    says = []
    for a, b in itertools.combinations(found, 2):
        ours, theirs = a.runs[0], b.runs[0]
        if ours.summary["task"] == theirs.summary["task"]:
            rows = differing({"ours": ours.definition, "theirs": theirs.definition})
            what = ", ".join(f"{key} ({row['ours']} and {row['theirs']})" for key, row in rows.items())
            names = " and ".join(", ".join(run.name for run in group.runs) for group in (a, b))
            says.append(
                f"{ours.summary['task']} is not the same task in {names}: {what} differ. They are not compared."
            )
    return says


# ---------------------------------------------------------------- comparison


def compare(runs: Sequence[Found]) -> dict[str, Json]:
    """Every run in a row, and by task every two runs: difference, probability of improvement, verdict."""
    found = groups(runs)
    return {
        "runs": [_row(run, group.task) for group in found for run in group.runs],
        "tasks": [_task(group) for group in found],
        "warnings": incomparable(found),
    }


def _row(run: Found, task: str) -> dict[str, Json]:
    best = run.summary["best"]
    return {
        "run": run.name,
        "task": task,
        "method": run.settings["method_name"],
        "model": run.summary["model"],
        "trainer": run.settings["trainer_name"],
        "seed": run.settings["seed"],
        "candidate": best["candidate"],
        "fitness": {"iqm": best["iqm"], "interval": best["interval"], "scores": best["scores"]},
        "human_normalised": run.summary["human_normalised"],
        "cost": run.cost,
        "settings": run.settings,
        "definition": run.definition,
    }


def _task(group: Group) -> dict[str, Json]:
    rows = differing({run.name: run.settings for run in group.runs})
    return {
        "task": group.task,
        "runs": [run.name for run in group.runs],
        "differ": {key: row for key, row in rows.items() if not key.startswith(SAY_NOTHING)},
        "pairs": [_pair(ours, theirs) for ours, theirs in itertools.combinations(group.runs, 2)],
    }


def _pair(ours: Found, theirs: Found) -> dict[str, Json]:
    sides = of_seeds(ours.scores), of_seeds(theirs.scores)
    difference = aggregate.difference(*sides)
    same = ours.summary["best"]["candidate"] == theirs.summary["best"]["candidate"]
    return {
        "ours": ours.name,
        "theirs": theirs.name,
        "difference": list(difference),
        "probability_of_improvement": list(aggregate.probability_of_improvement(*sides)),
        "verdict": REPEATED if repeats(ours, theirs) else aggregate.verdict(*sides, difference),
        "same_reward": same,
    }


def repeats(a: Found, b: Found) -> bool:
    """The same reward on the same seeds: the same trainings, told twice."""
    return a.summary["best"]["candidate"] == b.summary["best"]["candidate"] and a.scores == b.scores


def shown(value: Any) -> str:
    """A setting's value in a table."""
    return "not set" if value is None else str(value)
