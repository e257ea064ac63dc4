"""What became of every answer of a run, from its log and folders: for the page, for `show` and for `status`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli import people
from eureka_cli.analysis.divergence import Share, Turn, shares, turning_point
from eureka_cli.core import Json
from eureka_cli.reports import climb, divergence
from eureka_cli.store import RunFolder, read_json


class Answer(NamedTuple):
    """One answer of the model and what became of it."""

    slot: str
    candidate: str
    """Id of its code; empty where it held none."""
    parent: str | None
    """Id of the reward it was asked to improve."""
    accepted: bool
    findings: list[dict[str, Json]]
    code: str
    score: dict[str, Json] | None
    """The `score` event of its longest training."""
    stopped: dict[str, Json] | None
    """Its last `race-stopped` event."""
    bank: dict[str, Json]
    """What the rollout bank measured; empty where it was not asked."""
    curves: dict[str, list[float]]
    """Per checkpoint, mean over seeds: `fitness`, `return`, `length`, `component/<name>`."""

    episodes: list[list[list[float]]]
    """Fitness [seed][checkpoint][episode]; empty where the race stopped it before."""
    certificate: dict[str, Json]
    """Of the confirmed ones that have one."""

    @property
    def shares(self) -> list[Share]:
        return shares(self.curves)

    @property
    def turn(self) -> Turn | None:
        """Where fitness turned while own return went on; None where there is no curve of fitness."""
        return turning_point(self.curves["return"], self.episodes) if self.episodes else None

    @property
    def fitness(self) -> float | None:
        return self.score["fitness"] if self.score else None

    @property
    def stage(self) -> str:
        """What became of it, in a few words."""
        if not self.accepted:
            return "refused"
        if self.score is None:
            return "accepted"
        if self.score["failure"]:
            return "failed in training"
        if self.score["steps"] >= self.score["total"]:
            return "trained to the end"
        return stopped_text(self.stopped) if self.stopped else "in training"


def stopped_text(event: dict[str, Json]) -> str:
    """Where the race stopped a candidate, at which bar, and what that saved."""
    saved = event["saved_steps"]
    if "share" not in event:  # logged before races had rungs
        return f"stopped by the race (saved {saved:,} steps)"
    share, bar = event["share"], event["bar"]
    return f"stopped at {share:.0%} of the budget (the bar was {bar:.3g}; saved {saved:,} steps)"


def answers(folder: RunFolder) -> list[Answer]:
    """All answers in the order they were judged, with their code and what their trainings recorded."""
    return [_whole(folder, answer) for answer in _logged(folder.events())]


def answer(folder: RunFolder, candidate: str) -> Answer | None:
    """The first answer that was this candidate."""
    found = (answer for answer in _logged(folder.events()) if answer.candidate == candidate)
    return next((_whole(folder, answer) for answer in found), None)


def _whole(folder: RunFolder, answer: Answer) -> Answer:
    return answer._replace(
        code=_code(folder, answer.candidate),
        curves=_curves(folder, answer.score),
        episodes=_episodes(folder, answer.score),
    )


def _logged(events: Sequence[dict[str, Json]]) -> list[Answer]:
    """What the log alone says of them; a resumed run repeats events, the last one counts."""
    verdicts = {event["slot"]: event for event in events if event["event"] == "verdict"}
    scored = sorted((event for event in events if event["event"] == "score"), key=lambda event: event["steps"])
    scores = {event["candidate"]: event for event in scored}
    stopped = {event["candidate"]: event for event in events if event["event"] == "race-stopped"}
    screened = {event["candidate"]: event["facts"] for event in events if event["event"] == "screened"}
    certified = {event["candidate"]: event for event in events if event["event"] == "certificate"}
    return [
        Answer(
            slot=slot,
            candidate=event["candidate"],
            parent=event.get("parent"),
            accepted=event["accepted"],
            findings=event["findings"],
            code="",
            score=scores.get(event["candidate"]),
            stopped=stopped.get(event["candidate"]),
            bank=screened.get(event["candidate"], {}),
            curves={},
            episodes=[],
            certificate=certified.get(event["candidate"], {}),
        )
        for slot, event in verdicts.items()
    ]


def state(folder: RunFolder) -> str:
    """`done`, `running`, or why it stands still."""
    return _state(folder, folder.events())


def _state(folder: RunFolder, events: Sequence[dict[str, Json]]) -> str:
    if not events:
        return "nothing done yet"
    last = events[-1]
    if last["event"] == "run-done":
        return "done"
    if folder.is_locked():
        return "running"
    return {"interrupted": "interrupted", "stopped": f"stopped: {last.get('reason', '')}"}.get(last["event"], "killed")


def progress(folder: RunFolder) -> dict[str, Json]:
    """How far a run is, as `status` tells it."""
    events = folder.events()
    found = _logged(events)
    start = next((event for event in reversed(events) if event["event"] == "run-start"), {})
    finished = [
        answer.fitness for answer in found if answer.stage == "trained to the end" and answer.fitness is not None
    ]
    return {
        "run": folder.name,
        "state": _state(folder, events),
        "task": start.get("task", ""),
        "model": start.get("model", ""),
        "round": max((event["round"] for event in events if event["event"] == "round-start"), default=0),
        "answers": len(found),
        "trained": len({answer.candidate for answer in found if answer.score}),
        "best_fitness": max(finished, default=None),
        "questions": [question.slot for question in people.waiting(folder.path)],
        "climb": [
            {**way.chunks[-1], "seed_number": way.number, "says": climb.in_a_line(way)} for way in climb.ways(events)
        ],
        "cpu_s": sum(event["cpu_s"] for event in events if event["event"] == "job-done"),
    }


def best(folder: RunFolder) -> str | None:
    """Id of the confirmed best, where the search is done."""
    return next((event["candidate"] for event in reversed(folder.events()) if event["event"] == "best"), None)


def in_a_line(answer: Answer) -> str:
    rules = dict.fromkeys(finding["rule"] for finding in answer.findings if finding["severity"] == "error")
    why = f" ({', '.join(rules)})" if rules else ""
    fitness = "" if answer.fitness is None else f", fitness {answer.fitness:.3g}"
    return f"{answer.candidate or 'no code':12}  {answer.slot:40}  {answer.stage}{why}{fitness}"


def in_full(answer: Answer) -> str:
    """Code, findings and curves of one candidate."""
    parts = [f"# {in_a_line(answer)}"]
    if answer.parent:
        parts.append(f"# improves {answer.parent}")
    parts += [f"# {finding['severity']} {finding['rule']}: {finding['message']}" for finding in answer.findings]
    if answer.bank.get("spearman") is not None:
        low, high = answer.bank["spearman_interval"]
        parts.append(f"# bank: rank agreement with fitness {answer.bank['spearman']:.2f} [{low:.2f}, {high:.2f}]")
    if answer.score and answer.score["failure"]:
        parts.append(f"# failed: {answer.score['failure']['message']}")
    parts += [
        f"# {line}" for line in divergence.of_candidate(answer.shares, answer.turn, answer.curves.get("steps", []))
    ]
    if answer.certificate:
        parts.append(f"# {divergence.certificate_text(answer.certificate)}")
    for name, values in answer.curves.items():
        parts.append(f"# {name}: " + ", ".join(f"{value:.3g}" for value in values))
    return "\n".join([*parts, "", answer.code.rstrip()])


def as_json(answer: Answer) -> dict[str, Json]:
    """All of an answer, with what follows from its curves."""
    turn = answer.turn
    extra = {"shares": [share._asdict() for share in answer.shares], "turn": turn and turn._asdict()}
    return {**answer._asdict(), **extra}


def _code(folder: RunFolder, candidate: str) -> str:
    file = folder.path / "candidates" / f"{candidate}.py"
    return file.read_text(encoding="utf-8") if candidate and file.is_file() else ""


def _curves(folder: RunFolder, score: dict[str, Json] | None) -> dict[str, list[float]]:
    """What its trainings recorded, averaged over seeds."""
    if score is None:
        return {}
    found: dict[str, list[list[float]]] = {"fitness": [score["curve"]]} if score["curve"] else {}
    for address in score["jobs"]:
        file = folder.path / "jobs" / address / "result.json"
        curve = (read_json(file)["result"].get("curve") or {}) if file.is_file() else {}
        for name, values in curve.items():
            found.setdefault(name, []).append(values)
    return {name: _mean(columns) for name, columns in found.items()}


def _episodes(folder: RunFolder, score: dict[str, Json] | None) -> list[list[list[float]]]:
    """Fitness behind the curve, by seed, checkpoint and episode; empty in runs of versions that did not keep it."""
    if score is None or not score["curve"]:
        return []
    files = [folder.path / "jobs" / address / "result.json" for address in score.get("evaluations", ())]
    found = [read_json(file)["result"].get("curve_episodes", []) for file in files if file.is_file()]
    return [seed for seed in found if seed]


def _mean(columns: list[list[float]]) -> list[float]:
    """Per checkpoint over the columns that have a number there."""
    shortest = min(len(column) for column in columns)
    stacked = np.array([column[:shortest] for column in columns], dtype=float)
    known = np.isfinite(stacked)
    total = np.where(known, stacked, 0.0).sum(axis=0)
    return [float(value) for value in np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)]
