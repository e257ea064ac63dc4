"""What a person sees while a run works: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from eureka_cli import people
from eureka_cli.core import Json
from eureka_cli.reports import climb
from eureka_cli.reports.history import stopped_text

PACED = ("train/", "evaluate/")
BARS = "▁▂▃▄▅▆▇█"
WAITS_FOR_YOU = "A question waits for you, however long: reward-synth answer {run}"


class Display(Protocol):
    def plan(self, rounds: int, steps: int) -> None: ...

    def show(self, event: dict[str, Json]) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *problem: Any) -> None: ...


def display(name: str, *, as_json: bool) -> Display:
    """A table on a terminal; lines on standard error when the output is read by a program."""
    console = Console(stderr=as_json)
    return LiveTable(name, console) if console.is_terminal and not as_json else Lines(name)


def sparkline(values: list[float]) -> str:
    finite = [value for value in values if value == value]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    span = (high - low) or 1.0
    return "".join(BARS[int((value - low) / span * (len(BARS) - 1))] if value == value else "·" for value in values)


class Progress:
    """What the events so far say: steps of each job, rows of candidates, time left."""

    def __init__(self, run: str = "") -> None:
        self.run = run
        self.planned = 0
        self.rounds = 0
        self.round = 0
        self.rows: dict[str, dict[str, Any]] = {}
        self.running: dict[str, tuple[str, int]] = {}
        self.live: dict[str, int] = {}
        """Steps of trainings under way."""
        self.done_steps = 0
        self.fresh_steps = 0
        self.cpu_s = 0.0
        self.usd = 0.0
        self.tokens = 0
        self.waits = ""
        """What the model is waited for until it answers, or jobs until one ends."""
        self.busy: set[str] = set()
        """Trainings and evaluations under way."""
        self.busy_s, self.busy_since = 0.0, 0.0
        """Seconds with any of them: waiting for a model or building a bank says nothing of the pace."""
        self.climbers: dict[str, list[int]] = {}
        """Candidate to the seeds it climbs with, each a row of its own."""

    def take(self, event: dict[str, Json]) -> None:
        handler = getattr(self, "_" + str(event["event"]).replace("-", "_"), None)
        if handler is not None:
            handler(event)

    def _round_start(self, event: dict[str, Json]) -> None:
        self.round = event["round"]

    def _verdict(self, event: dict[str, Json]) -> None:
        row = self._row(event["candidate"] or event["slot"])
        errors = [finding["rule"] for finding in event["findings"] if finding["severity"] == "error"]
        row["stage"] = "accepted" if event["accepted"] else "refused: " + ", ".join(dict.fromkeys(errors))

    def _job_start(self, event: dict[str, Json]) -> None:
        of = event["of"]
        name = self.climber(of) if "fresh_world" in of else of.get("candidate", "")
        self.running[event["address"]] = (name, of.get("from", 0))
        if event["address"].startswith(PACED):
            self.busy_since = self.busy_since if self.busy else time.monotonic()
            self.busy.add(event["address"])
        if event["address"].startswith("train/"):
            self._row(name)["stage"] = "training"

    def _progress(self, event: dict[str, Json]) -> None:
        candidate, before = self.running.get(event["address"], ("", 0))
        self._row(candidate).setdefault("returns", []).append(event["return"])
        self._row(candidate)["at"] = event["steps"]
        self.live[event["address"]] = event["steps"] - before

    def _job_done(self, event: dict[str, Json]) -> None:
        self.waits = ""
        self.running.pop(event["address"], None)
        if event["address"] in self.busy:
            self.busy.remove(event["address"])
            self.busy_s += 0.0 if self.busy else time.monotonic() - self.busy_since
        self.cpu_s += event["cpu_s"]
        self.done_steps += event["steps"]
        self.fresh_steps += event["steps"]
        self.live.pop(event["address"], None)

    def _race_stopped(self, event: dict[str, Json]) -> None:
        self._row(event["candidate"])["stage"] = stopped_text(event)
        self.planned -= event["saved_steps"]

    def _score(self, event: dict[str, Json]) -> None:
        row = self._row(event["candidate"])
        if event["failure"]:
            row["stage"] = f"failed: {event['failure']['rule']}"
            return
        row["stage"] = "scored" if event["steps"] >= event["total"] else "racing"
        row["fitness"] = event["fitness"]
        row["curve"] = event.get("curve") or row.get("curve", [])

    def _confirmed(self, event: dict[str, Json]) -> None:
        row = self._row(event["candidate"] or event["label"])
        row["stage"] = "confirmed" if event["label"] == "candidate" else f"baseline {event['label']}"
        row["fitness"] = sum(event["scores"]) / len(event["scores"])

    def climber(self, event: dict[str, Json]) -> str:
        seeds = self.climbers.setdefault(event["candidate"], [])
        if event["seed"] not in seeds:
            seeds.append(event["seed"])
        return f"{event['candidate']} seed {seeds.index(event['seed']) + 1}"

    def _chunk(self, event: dict[str, Json]) -> None:
        row = self._row(self.climber(event))
        row.setdefault("chunks", []).append(event)
        row["stage"], row["fitness"] = climb.standing(row["chunks"]), event["fitness"]
        row["curve"] = [chunk["fitness"] for chunk in row["chunks"] if chunk["fitness"] is not None]

    def _ranked(self, event: dict[str, Json]) -> None:
        """The winner begins anew, on other seeds."""
        self.rows = {name: row for name, row in self.rows.items() if "chunks" not in row}
        self.climbers = {}

    def _model_waits(self, event: dict[str, Json]) -> None:
        self.waits = event["why"]

    def _memory_waits(self, event: dict[str, Json]) -> None:
        self.waits = event["why"]

    def _question(self, event: dict[str, Json]) -> None:
        self.waits = WAITS_FOR_YOU.format(run=self.run) if event["waits"] else ""

    def _person(self, event: dict[str, Json]) -> None:
        self.waits = ""

    def _answered(self, event: dict[str, Json]) -> None:
        self.waits = ""
        self.tokens += event["tokens"]
        self.usd += event["usd"] or 0.0

    def _row(self, candidate: str) -> dict[str, Any]:
        return self.rows.setdefault(candidate, {"round": self.round, "stage": ""})

    def left(self) -> str:
        """Time left at the pace so far."""
        live = sum(self.live.values())
        done = self.fresh_steps + live
        if done == 0 or not self.planned:
            return "time left unknown"
        elapsed = self.busy_s + (time.monotonic() - self.busy_since if self.busy else 0.0)
        remaining = max(0, self.planned - self.done_steps - live)
        return f"about {clock(elapsed / done * remaining)} left"

    def cost(self) -> str:
        money = f", {self.tokens:,} tokens, ${self.usd:.2f}" if self.tokens else ""
        return f"{self.cpu_s:.0f} CPU-s{money}"


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


class LiveTable:
    """A table redrawn in place."""

    def __init__(self, name: str, console: Console) -> None:
        self._name = name
        self._progress = Progress(name)
        self._live = Live(console=console, refresh_per_second=4, transient=False)

    def plan(self, rounds: int, steps: int) -> None:
        self._progress.rounds, self._progress.planned = rounds, steps

    def show(self, event: dict[str, Json]) -> None:
        self._progress.take(event)
        self._live.update(self._table())

    def _table(self) -> Table:
        progress = self._progress
        title = f"{self._name}: round {progress.round} of {progress.rounds}, {progress.cost()}, {progress.left()}"
        table = Table(title=title, title_justify="left", caption=progress.waits, caption_justify="left")
        for column in ("round", "candidate", "stage", "own return", "fitness over checkpoints", "fitness"):
            table.add_column(column, justify="right" if column == "fitness" else "left")
        for candidate, row in progress.rows.items():
            if not candidate:
                continue
            fitness = "" if row.get("fitness") is None else f"{row['fitness']:.3g}"
            stage = row["stage"]
            if stage == "training" and "at" in row:
                before = f"{climb.standing(row['chunks'])}; " if "chunks" in row else ""
                stage = f"{before}{stage} {row['at']:,}"
            returns = sparkline(row.get("returns", [])[-24:])
            name = candidate if "chunks" in row else candidate[:12]
            table.add_row(str(row["round"]), name, stage, returns, sparkline(row.get("curve", [])), fitness)
        return table

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, value, trace)


class Lines:
    """One line for what is worth a line; for logs, pipes and CI."""

    QUIET_S = 20.0
    """A line says that work goes on when nothing else was worth a line for so long."""
    SHOWN = frozenset(
        "run-start round-start round-repeated model-waits memory-waits executor-waits job-lost verdict score"
        " race-stopped confirmed no-video climb-start chunk ranked climb-failed climb-video question person".split()
    )

    def __init__(self, name: str) -> None:
        self._name = name
        self._progress = Progress(name)
        self._said = time.monotonic()

    def plan(self, rounds: int, steps: int) -> None:
        self._progress.rounds, self._progress.planned = rounds, steps

    def show(self, event: dict[str, Json]) -> None:
        self._progress.take(event)
        silent = time.monotonic() - self._said
        if event["event"] in self.SHOWN:
            self._print(self._say(event))
        elif event["event"] == "progress" and silent > self.QUIET_S:
            self._print(f"  training, {len(self._progress.running)} jobs to go")

    def _print(self, text: str) -> None:
        self._said = time.monotonic()
        print(f"[{self._progress.cost()}, {self._progress.left()}] {text}", file=sys.stderr, flush=True)

    def _say(self, event: dict[str, Json]) -> str:
        match event["event"]:
            case "run-start":
                return f"{self._name}: {event['sentence']!r}, rewards by {event['model']}"
            case "round-start":
                return f"round {event['round']} of {self._progress.rounds}"
            case "model-waits" | "memory-waits" | "executor-waits" | "job-lost":
                return f"  {event['why']}"
            case "question":
                return self._progress.waits or f"  asked: {event['slot']}"
            case "person":
                return f"  {event['by']} answered {event['slot']}: {people.in_words(event)}"
            case "climb-start":
                steps = f"{event['total']:,} steps a seed"
                return f"climb from {climb.where(event['start'])} to goal {event['goal']!r}, {steps}"
            case "chunk":
                name = self._progress.climber(event)
                chunks = self._progress.rows[name]["chunks"]
                name = name if event["label"] == "candidate" else name.replace(event["candidate"], event["label"])
                return f"  {event['stage']} {name}, {event['steps']:,} steps: {climb.standing(chunks)}"
            case "ranked":
                order = (f"{one['candidate']} at {one['height']:.0%} of the way" for one in event["candidates"])
                return f"ranked: {', '.join(order)}"
            case "climb-failed":
                return f"{event['candidate']} failed on its way up; the next one climbs"
            case "climb-video":
                return f"  video: {event['file']}"
            case "no-video":
                return f"no video: {event['reason']}"
            case "round-repeated":
                return f"no candidate of round {event['round']} survived; it is repeated with what went wrong"
            case "confirmed":
                name = event["candidate"] if event["label"] == "candidate" else event["label"]
                return f"confirmed {name}: " + ", ".join(f"{score:.3g}" for score in event["scores"])
            case _:
                row = self._progress.rows[event["candidate"] or event["slot"]]
                fitness = f", fitness {row['fitness']:.3g}" if row.get("fitness") is not None else ""
                curve = f" {sparkline(row['curve'])}" if row.get("curve") else ""
                return f"  {event['candidate'] or event['slot']} {row['stage']}{fitness}{curve}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: Any) -> None:
        return None
