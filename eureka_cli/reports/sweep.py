"""A sweep read back from its folder: where every cell stands, what every arm achieved and cost, task by task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from eureka_cli.accounts import Spent, total
from eureka_cli.analysis import aggregate
from eureka_cli.analysis.intervals import bootstrap, iqm
from eureka_cli.core import Json
from eureka_cli.reports import compare, compare_sides, history, summary
from eureka_cli.reports.account import together
from eureka_cli.reports.compare import Found, Group
from eureka_cli.store import RunFolder
from eureka_cli.suites import Cell

BASELINES = ("human", "sparse", "random")


class Standing(NamedTuple):
    """Where a cell stands."""

    state: str
    """`waiting`, `running`, `done`, `failed`, `limit reached`, `interrupted`."""
    why: str
    """One sentence, where it failed or a limit is reached."""
    round: int
    best: float | None
    """The best fitness of its search so far."""
    confirmed: float | None
    """The fitness of its best reward on fresh seeds, where that is known."""
    spent: Spent


def standing(folder: RunFolder) -> Standing:
    """From the log of a cell's folder, which may not be there yet."""
    events = folder.events()
    finished = [event["fitness"] for event in events if event["event"] == "score" and event["steps"] >= event["total"]]
    best = history.best(folder)
    found = [event for event in events if event["event"] == "confirmed" and event["candidate"] == best]
    state, why = _state(folder, events)
    return Standing(
        state=state,
        why=why,
        round=max((event["round"] for event in events if event["event"] == "round-start"), default=0),
        best=max((fitness for fitness in finished if fitness is not None), default=None),
        confirmed=float(iqm(found[-1]["scores"])) if found else None,
        spent=total(events),
    )


def _state(folder: RunFolder, events: Sequence[dict[str, Json]]) -> tuple[str, str]:
    if not events:
        return "waiting", ""
    told = history.state(folder)
    if told in ("done", "running"):
        return told, ""
    if events[-1]["event"] == "stopped":
        spent = events[-1].get("error") == "BudgetSpent"
        return ("limit reached", events[-1]["reason"]) if spent else ("failed", events[-1]["reason"])
    return "interrupted", ""


# ---------------------------------------------------------------- tables


def tables(folder: Path, cells: Sequence[Cell]) -> dict[str, Json]:
    """Everything a sweep has to say, as JSON: cells, arms, pairs of arms, tasks, notes, cost."""
    folders = {cell.name: RunFolder(folder / cell.name) for cell in cells}
    standings = {name: standing(one) for name, one in folders.items()}
    done = [one for name, one in folders.items() if standings[name].state == "done"]
    found, left_out = compare.read(done)
    runs = {Path(run.summary["run"]).name: run for run in found}
    arms = list(dict.fromkeys(cell.arm for cell in cells))
    arm_of = {runs[cell.name].name: cell.arm for cell in cells if cell.name in runs}
    sides = compare_sides.of_sides(found, "arm", arm_of, arms)
    groups = compare.groups(found)
    above = _above_human(groups)
    rows = [_cell(cell, standings[cell.name], folders[cell.name], runs.get(cell.name)) for cell in cells]
    return {
        "sweep": folder.name,
        "cells": rows,
        "arms": [
            {**side, **_arm([row for row in rows if row["arm"] == side["side"]], above)} for side in sides["sides"]
        ],
        "pairs": sides["pairs"],
        "taus": sides["taus"],
        "shared_tasks": sides["tasks"],
        "tasks": [_task(group, arms, arm_of) for group in groups],
        "notes": [*sides["notes"], *left_out, *compare.incomparable(groups), *_silence(rows)],
        "cost": _whole(list(standings.values()), list(folders.values())),
    }


def _cell(cell: Cell, stands: Standing, folder: RunFolder, run: Found | None) -> dict[str, Json]:
    events = folder.events()
    score = run.summary["human_normalised"] if run else None
    against = run.summary["comparison"].get("human") if run else None
    return {
        "cell": cell.name,
        "arm": cell.arm,
        **{"task": cell.task, "method": cell.method, "model": cell.model, "seed": cell.seed},
        **{"state": stands.state, "why": stands.why, "round": stands.round, "search_fitness": stands.best},
        "fitness": run and {key: run.summary["best"][key] for key in ("iqm", "interval", "scores")},
        "human_normalised": score,
        "against_human": against and against["verdict"],
        "cost": {**compare.own_cost(folder, events), "wall_s": summary.cost(events)["wall_s"]},
        "report": f"{cell.name}/report.html" if run else None,
    }


def _arm(rows: Sequence[dict[str, Json]], above: Mapping[str, bool]) -> dict[str, Json]:
    """What an arm cost, failures included, and how many of its runs end above the human reward."""
    judged = [above[row["cell"]] for row in rows if row["cell"] in above]
    return {
        "cells": len(rows),
        "done": sum(row["state"] == "done" for row in rows),
        "failed": sum(row["state"] == "failed" for row in rows),
        "above_human": {
            "runs": sum(judged),
            "beyond_chance": sum(row["against_human"] == "better" for row in rows),
            "of": len(judged),
        },
        "cost": _sum([row["cost"] for row in rows]),
    }


def _above_human(groups: Sequence[Group]) -> dict[str, bool]:
    """By cell: whether its fitness exceeds that of the human reward over all trainings of it in the sweep."""
    found: dict[str, bool] = {}
    for group in groups:
        if human := compare_sides.pooled(group.runs, "human"):
            bar = float(iqm(human))
            found |= {Path(run.summary["run"]).name: float(iqm(run.scores)) > bar for run in group.runs}
    return found


def _task(group: Group, arms: Sequence[str], arm_of: Mapping[str, str]) -> dict[str, Json]:
    rows = []
    for arm in arms:
        runs = [run for run in group.runs if arm_of[run.name] == arm]
        verdicts = Counter(run.summary["comparison"]["human"]["verdict"] for run in runs if run.baseline("human"))
        rows.append(
            {
                "arm": arm,
                "runs": len(runs),
                "fitness": list(aggregate.iqm([[run.scores for run in runs]])) if runs else None,
                "against_human": dict(verdicts),
            }
        )
    baselines = {label: compare_sides.pooled(group.runs, label) for label in BASELINES}
    return {
        "task": group.task,
        **{label: [float(iqm(scores)), *bootstrap(scores)] if scores else None for label, scores in baselines.items()},
        "arms": rows,
    }


def _silence(rows: Sequence[dict[str, Json]]) -> list[str]:
    """What an arm's numbers do not know of."""
    missing = [row for row in rows if row["state"] != "done"]
    if not missing:
        return []
    return [
        f"{len(missing)} of {len(rows)} cells have no result and are in no score: an arm that fails where it is hard"
        " looks better than it is."
    ]


def _sum(costs: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """A price nobody knows stays unknown."""
    columns = {key: [cost[key] for cost in costs] for key in costs[0]}
    return {key: None if None in column else sum(column) for key, column in columns.items()}


def _whole(standings: Sequence[Standing], folders: Sequence[RunFolder]) -> dict[str, Json]:
    """Of all cells, with the baselines, banks and measurements that they share."""
    spent = together([stands.spent for stands in standings])
    return {
        "steps": spent.steps,
        "cpu_s": round(spent.cpu_s, 1),
        "tokens": spent.tokens,
        "usd": None if spent.unpriced_calls else spent.usd,
        "wall_s": round(sum(summary.cost(folder.events())["wall_s"] for folder in folders), 1),
    }
