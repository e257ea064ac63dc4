"""What became of a climb, from the log: each climber's way up, and what it is worth at the goals."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from typing import NamedTuple

from eureka_cli.analysis import intervals
from eureka_cli.core import Json
from eureka_cli.reports import charts

Event = dict[str, Json]


class Way(NamedTuple):
    """One reward and seed on its way up."""

    stage: str
    """`rank`, or `climb`."""
    label: str
    candidate: str
    number: int
    """Of its seed, from 1."""
    chunks: list[Event]
    """Its `chunk` events in the order of steps."""

    @property
    def name(self) -> str:
        who = self.label if self.label != "candidate" else self.candidate[:12]
        return f"{who} seed {self.number}"


def ways(events: Sequence[Event]) -> list[Way]:
    """All climbers in the order they began; a resumed run repeats events, the last one counts."""
    found: dict[tuple[Json, ...], dict[int, Event]] = {}
    for event in events:
        if event["event"] == "chunk":
            who = tuple(event[name] for name in ("stage", "label", "candidate", "seed"))
            found.setdefault(who, {})[event["steps"]] = event
    numbers: dict[tuple[Json, ...], int] = {}
    for who in found:
        numbers[who] = 1 + sum(other[:3] == who[:3] for other in numbers)
    return [
        Way(
            stage, label, candidate, numbers[stage, label, candidate, seed], [chunks[steps] for steps in sorted(chunks)]
        )
        for (stage, label, candidate, seed), chunks in found.items()
    ]


def where(params: dict[str, Json]) -> str:
    """Params in words, texts first: rung assist, assist 0.41."""
    ordered = sorted(params.items(), key=lambda item: not isinstance(item[1], str))
    return ", ".join(f"{name} {value if isinstance(value, str) else f'{value:.3g}'}" for name, value in ordered)


def standing(chunks: Sequence[Event]) -> str:
    """Where a climber is, how it does there, and the best it did furthest up."""
    last = chunks[-1]
    if last["failure"]:
        return f"failed: {last['failure']['rule']}"
    healthy = [chunk for chunk in chunks if chunk["fitness"] is not None]
    best = max(healthy, key=lambda chunk: (chunk["height"], chunk["fitness"]))
    return (
        f"{where(last['params'])}: fitness {last['fitness']:.3g}, drops {last['drops']:.0%},"
        f" best {best['fitness']:.3g} at {best['height']:.0%} of the way"
    )


def in_a_line(way: Way) -> str:
    last = way.chunks[-1]
    return f"{way.stage} {way.name}, {last['steps']:,} of {last['total']:,} steps: {standing(way.chunks)}"


def told(events: Sequence[Event]) -> dict[str, Json] | None:
    """All of a climb, as the summary keeps it; None where there was none."""
    start = next((event for event in reversed(events) if event["event"] == "climb-start"), None)
    if start is None:
        return None
    rows = {(e["label"], e["candidate"], e["goal"], e["variant"]): e for e in events if e["event"] == "at-goal"}
    ranked: list[Json] = next((event["candidates"] for event in reversed(events) if event["event"] == "ranked"), [])
    films = {event["file"]: event for event in events if event["event"] == "climb-video"}
    return {
        "curriculum": start["curriculum"],
        "goal": start["goal"],
        "start": start["start"],
        "total": start["total"],
        "ranked": ranked,
        "ways": [{**way._asdict(), "name": way.name} for way in ways(events)],
        "films": [{name: film[name] for name in ("file", "params", "steps")} for film in films.values()],
        "goals": [_row(event) for event in rows.values()],
        "robust": _robust(list(rows.values()), start["goal"]),
    }


def _row(event: Event) -> Json:
    extras = {name: float(intervals.iqm(values)) for name, values in event["extras"].items()}
    return {
        **{name: event[name] for name in ("label", "candidate", "goal", "variant", "scores")},
        **_spread(event["scores"]),
        "success": _mean(event["success"]),
        "drops": _mean(event["drops"]),
        "extras": extras,
    }


def _spread(scores: Sequence[float]) -> dict[str, Json]:
    """Interquartile mean, and its 95% bootstrap interval where there is more than one seed."""
    interval = list(intervals.bootstrap(scores)) if len(scores) > 1 else None
    return {"iqm": float(intervals.iqm(scores)), "interval": interval}


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _robust(events: Sequence[Event], goal: str) -> list[Json]:
    """Per reward, what is left under the variant that costs each of its policies most."""
    found = []
    for label in dict.fromkeys(event["label"] for event in events):
        varied = [e for e in events if e["label"] == label and e["goal"] == goal and e["variant"]]
        if varied:
            scores = [min(own) for own in zip(*(event["scores"] for event in varied), strict=True)]
            worst = min(varied, key=lambda event: float(intervals.iqm(event["scores"])))
            found.append({"label": label, "scores": scores, **_spread(scores), "worst": worst["variant"]})
    return found


# ---------------------------------------------------------------- for a person


def number(row: dict[str, Json]) -> str:
    """Interquartile mean with its interval, where it has one."""
    span = row["interval"]
    return f"{row['iqm']:.3g}" + (f" [{span[0]:.3g}, {span[1]:.3g}]" if span else " (one seed)")


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def lines(found: dict[str, Json]) -> list[str]:
    """The climb in the summary: how far each came, and the table of goals."""
    going = [way for way in found["ways"] if way["stage"] == "climb"]
    return [
        f"climbed by curriculum {found['curriculum']!r} from {where(found['start'])}",
        *(f"  {way['name']}: {standing(way['chunks'])}" for way in going),
        *(f"  {row_in_a_line(row)}" for row in found["goals"]),
        *(
            f"  robust fitness of {row['label']}, the least over variants: {number(row)} (worst: {row['worst']})"
            for row in found["robust"]
        ),
    ]


def row_in_a_line(row: dict[str, Json]) -> str:
    who = row["label"] if row["label"] != "candidate" else row["candidate"]
    place = row["variant"] or f"goal {row['goal']!r}"
    extras = "".join(f", {name.replace('_', ' ')} {value:.3g}" for name, value in row["extras"].items())
    return f"{who:12} {place:16} {number(row):20} success {share(row['success'])}, drops {share(row['drops'])}{extras}"


def curves(found: dict[str, Json]) -> str:
    """What is taken away, fitness, drops and height against steps, a line a climber: a picture as a data URI."""
    going = [way for way in found["ways"] if way["stage"] == "climb"]
    if not going:
        return ""
    every = [chunk["params"] for way in going for chunk in way["chunks"]]
    names = dict.fromkeys(name for params in every for name, value in params.items() if not isinstance(value, str))
    varying = [name for name in names if len({params.get(name) for params in every}) > 1]

    def panel(title: str, values: list[list[float]]) -> charts.Panel:
        steps = [[float(chunk["steps"]) for chunk in way["chunks"]] for way in going]
        rows = zip(going, steps, values, strict=True)
        return charts.Panel(title, [charts.Line(_label(way), at, row, row, row) for way, at, row in rows])

    def column(key: str) -> list[list[float]]:
        return [[_known(chunk[key]) for chunk in way["chunks"]] for way in going]

    panels = [
        panel(name, [[_known(chunk["params"].get(name)) for chunk in way["chunks"]] for way in going])
        for name in varying
    ]
    panels += [panel(key, column(key)) for key in ("fitness", "drops", "height")]
    return "data:image/svg+xml;base64," + base64.b64encode(charts.panels(panels).encode()).decode()


def _label(way: dict[str, Json]) -> str:
    return f"{'' if way['label'] == 'candidate' else way['label'] + ' '}seed {way['number']}"


def _known(value: float | None) -> float:
    return math.nan if value is None else float(value)
