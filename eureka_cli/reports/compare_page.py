"""A comparison told to a person: as text, and as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eureka_cli import prompts
from eureka_cli.core import Json
from eureka_cli.reports import charts
from eureka_cli.reports.compare import REPEATED, shown

OFTEN = 5
"""From so many pairs on it is said that one in twenty may differ by chance."""


def text(told: dict[str, Json]) -> str:
    """For a terminal."""
    lines = []
    for task in told["tasks"]:
        lines += ["", task["task"]]
        lines += [_run(row) for row in told["runs"] if row["task"] == task["task"]]
        lines += [f"  {name}: {values}" for name, values in differences(task)]
        if told["by"] is None:
            lines += [f"  {sentence}" for sentence in verdicts(task)]
    if told["by"]:
        lines += ["", *_sides(told["by"])]
    remarks = [*told["warnings"], *(f"Left out: {sentence}" for sentence in told["left_out"]), *caution(told)]
    return "\n".join([*lines, *([""] if remarks else []), *remarks]).lstrip("\n")


def _run(row: dict[str, Json]) -> str:
    fitness, score = row["fitness"], row["human_normalised"]
    who = f"{row['method']}, {row['model']}, {row['trainer']}"
    parts = [f"fitness {estimate((fitness['iqm'], *fitness['interval']))} over {len(fitness['scores'])} seeds"]
    if score:
        parts.append(f"human-normalised {score['raw']:.2f} (clipped {score['clipped']:.2f})")
        parts += [f"with care: {score['warning']}"] if score["warning"] else []
    return f"  {row['run']} ({who}): {'; '.join([*parts, cost(row['cost'])])}"


def _sides(by: dict[str, Json]) -> list[str]:
    lines = [f"By {by['key']}, over {', '.join(by['tasks']) or 'no task that all sides have'}:"]
    for side in by["sides"]:
        n = side["n"]
        score = "" if side["iqm"] is None else f"IQM of human-normalised scores {estimate(side['iqm'])}"
        score += f" (clipped {estimate(side['clipped'])}); " if score else ""
        spent = f"; {cost(side['cost'])} a run" if side["cost"] else ""
        lines.append(f"  {side['side']}: {score}{n['tasks']} tasks, {n['runs']} runs, {n['seeds']} seeds{spent}")
    return [*lines, *(f"  {sentence}" for sentence in side_verdicts(by)), *(f"  {note}" for note in by["notes"])]


def verdicts(task: dict[str, Json]) -> list[str]:
    """A sentence for every two runs of a task."""
    says = []
    for pair in task["pairs"]:
        same = ", of the same reward" if pair["same_reward"] else ""
        numbers = f": difference of IQMs {estimate(pair['difference'])}, {_chance(pair)}"
        says.append(_verdict(pair) + same + ("" if pair["verdict"] == REPEATED else numbers))
    return says


def side_verdicts(by: dict[str, Json]) -> list[str]:
    """A sentence for every two sides."""
    says = []
    for pair in by["pairs"]:
        difference = pair["difference"]
        more = f", difference of normalised IQMs {estimate(difference)}" if difference else ""
        says.append(f"{_verdict(pair)}: {_chance(pair)}{more}")
    return says


def _verdict(pair: dict[str, Json]) -> str:
    ours, theirs, verdict = pair["ours"], pair["theirs"], pair["verdict"]
    return f"{ours} is {verdict} than {theirs}" if verdict in ("better", "worse") else f"{ours} and {theirs}: {verdict}"


def _chance(pair: dict[str, Json]) -> str:
    return f"probability of improvement {estimate(pair['probability_of_improvement'])}"


def differences(task: dict[str, Json]) -> list[tuple[str, str]]:
    """Settings that differ between the runs of a task: key, and who has what."""
    return [
        (key, ", ".join(f"{shown(value)} in {name}" for name, value in row.items()))
        for key, row in task["differ"].items()
    ]


def caution(told: dict[str, Json]) -> list[str]:
    pairs = told["by"]["pairs"] if told["by"] else [pair for task in told["tasks"] for pair in task["pairs"]]
    return [f"{len(pairs)} pairs were compared: one in twenty may differ by chance."] if len(pairs) >= OFTEN else []


def estimate(values: Sequence[float]) -> str:
    value, low, high = values
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"


def cost(spent: Mapping[str, Json]) -> str:
    money = "price unknown" if spent["usd"] is None else f"${spent['usd']:.2f}"
    return f"{spent['steps']:,.0f} steps, {spent['cpu_s']:.0f} CPU-s, {spent['tokens']:,.0f} tokens, {money}"


# ---------------------------------------------------------------- the page


def html(told: dict[str, Json]) -> str:
    """One page that loads nothing."""
    by = told["by"]
    return prompts.page(
        "report/compare",
        told=told,
        tasks=[_shown(task, told) for task in told["tasks"]],
        side_chart=charts.intervals([_side_bar(side) for side in by["sides"] if side["iqm"]]) if by else "",
        profiles=_profiles(by) if by else "",
        side_verdicts=side_verdicts(by) if by else [],
        caution=caution(told),
        estimate=estimate,
        cost=cost,
    )


def _shown(task: dict[str, Json], told: dict[str, Json]) -> dict[str, Json]:
    rows = [row for row in told["runs"] if row["task"] == task["task"]]
    return {
        "name": task["task"],
        "rows": rows,
        "chart": charts.intervals([_bar(row) for row in rows]),
        "differences": differences(task),
        "verdicts": [] if told["by"] else verdicts(task),
    }


def _bar(row: dict[str, Json]) -> charts.Bar:
    fitness = row["fitness"]
    low, high = fitness["interval"]
    return charts.Bar(row["run"], fitness["iqm"], low, high, fitness["scores"], ours=True)


def _side_bar(side: dict[str, Json]) -> charts.Bar:
    value, low, high = side["iqm"]
    return charts.Bar(side["side"], value, low, high, (), ours=True)


def _profiles(by: dict[str, Json]) -> str:
    lines = [charts.Profile(side["side"], **side["profile"]) for side in by["sides"] if side["profile"]]
    return charts.profiles(by["taus"], lines) if lines else ""
