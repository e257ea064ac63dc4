"""A sweep told to a person: as Markdown tables, and as one HTML page that links to its cells' reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from eureka_cli import prompts
from eureka_cli.core import Json
from eureka_cli.reports import charts, compare_page
from eureka_cli.reports.compare_page import estimate
from eureka_cli.store import write_atomic

PAGE = "sweep.html"
NONE = "-"


class Grid(NamedTuple):
    """A table: its head, and rows of as many texts."""

    head: list[str]
    rows: list[list[str]]


def write(folder: Path, told: dict[str, Json]) -> Path:
    """Write the page into the sweep's folder."""
    write_atomic(folder / PAGE, html(told))
    return folder / PAGE


def text(told: dict[str, Json]) -> str:
    """For a terminal, or to be put into a document."""
    parts = [f"{told['sweep']}: {_state(told)}"]
    parts += [_markdown(_scores(told)), *compare_page.side_verdicts(told), _markdown(_costs(told))]
    parts += [_markdown(_tasks(told))] if told["tasks"] else []
    parts += [f"Failed: {row['cell']}: {row['why']}" for row in _failed(told)]
    parts += [*told["notes"], *_caution(told), f"All cells, with what they share: {_cost(told['cost'])}."]
    return "\n\n".join(parts)


def html(told: dict[str, Json]) -> str:
    """One page that loads nothing."""
    bars = [_bar(arm) for arm in told["arms"] if arm["iqm"]]
    lines = [charts.Profile(arm["side"], **arm["profile"]) for arm in told["arms"] if arm["profile"]]
    return prompts.page(
        "report/sweep",
        told=told,
        state=_state(told),
        scores=_scores(told),
        costs=_costs(told),
        tasks=_tasks(told),
        verdicts=compare_page.side_verdicts(told),
        failed=_failed(told),
        caution=_caution(told),
        cost=_cost,
        estimate=estimate,
        chart=charts.intervals(bars) if bars else "",
        profiles=charts.profiles(told["taus"], lines) if lines else "",
    )


def _bar(arm: Mapping[str, Json]) -> charts.Bar:
    value, low, high = arm["iqm"]
    return charts.Bar(arm["side"], value, low, high, (), ours=True)


def _state(told: dict[str, Json]) -> str:
    states = [row["state"] for row in told["cells"]]
    others = [f"{states.count(state)} {state}" for state in dict.fromkeys(states) if state != "done"]
    return ", ".join([f"{states.count('done')} of {len(states)} cells done", *others])


def _scores(told: dict[str, Json]) -> Grid:
    """A row an arm: human-normalised scores over tasks, runs and fresh seeds."""
    head = ["method, model", "IQM [95%]", "clipped to [0, 3]", "10th", "25th", "50th", "runs above human", "failed"]
    return Grid(head, [_score(arm) for arm in told["arms"]])


def _score(arm: Mapping[str, Json]) -> list[str]:
    scores = [NONE] * 5
    if arm["iqm"]:
        scores = [estimate(arm["iqm"]), estimate(arm["clipped"])]
        scores += [f"{value:.3g}" for value, _, _ in arm["percentiles"].values()]
    above = arm["above_human"]
    beyond = f" ({above['beyond_chance']} beyond chance)" if above["runs"] else ""
    over = f"{above['runs']} of {above['of']}{beyond}" if above["of"] else NONE
    return [arm["side"], *scores, over, f"{arm['failed']} of {arm['cells']}"]


def _costs(told: dict[str, Json]) -> Grid:
    """A row an arm: what all of its cells cost, those that failed too."""
    head = ["method, model", "steps", "CPU-hours", "hours", "tokens", "dollars"]
    rows = []
    for arm in told["arms"]:
        spent = arm["cost"]
        hours = [f"{spent[key] / 3600:.3g}" for key in ("cpu_s", "wall_s")]
        money = NONE if spent["usd"] is None else f"{spent['usd']:.2f}"
        rows.append([arm["side"], f"{spent['steps']:,}", *hours, f"{spent['tokens']:,}", money])
    return Grid(head, rows)


def _tasks(told: dict[str, Json]) -> Grid:
    """A row a task and arm: raw fitness beside the baselines', and the runs' verdicts against the human reward."""
    head = ["task", "method, model", "fitness [95%]", "runs", "human", "sparse", "random", "against human"]
    rows = []
    for task in told["tasks"]:
        baselines = [estimate(task[label]) if task[label] else NONE for label in ("human", "sparse", "random")]
        for arm in task["arms"]:
            fitness = estimate(arm["fitness"]) if arm["fitness"] else NONE
            verdicts = ", ".join(f"{count} {verdict}" for verdict, count in arm["against_human"].items())
            rows.append([task["task"], arm["arm"], fitness, str(arm["runs"]), *baselines, verdicts or NONE])
    return Grid(head, rows)


def _failed(told: dict[str, Json]) -> list[dict[str, Json]]:
    return [row for row in told["cells"] if row["state"] == "failed"]


def _caution(told: dict[str, Json]) -> list[str]:
    return compare_page.caution({"by": told})


def _cost(spent: Mapping[str, Json]) -> str:
    return f"{compare_page.cost(spent)}, {spent['wall_s'] / 3600:.3g} hours"


def _markdown(grid: Grid) -> str:
    lines: Sequence[Sequence[str]] = [grid.head, ["---"] * len(grid.head), *grid.rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
