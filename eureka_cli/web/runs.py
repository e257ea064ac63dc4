"""What the page shows of runs, read from their folders anew each time."""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eureka_cli import asking, overlay, people
from eureka_cli.analysis import preferences
from eureka_cli.analysis.divergence import TOTAL
from eureka_cli.config import RunConfig, read_toml
from eureka_cli.core import Candidate, Json
from eureka_cli.errors import UsageError
from eureka_cli.reports import charts, history, judgements, page, summary
from eureka_cli.reports.history import Answer
from eureka_cli.store import RunFolder

Curves = Mapping[str, Mapping[str, Sequence[float]]]
SHOWN = (".mp4", ".png")
PAGES = ("report.html", "climb.html")
MOST_FRAMES = 400
"""Instants of a film whose payments are told."""


def find(runs: Path, name: str) -> RunFolder:
    """A run by its name; only names that were found in the folder lead anywhere. UsageError where there is none."""
    for file in runs.glob("*/run.toml"):
        if file.parent.name == name:
            return RunFolder(file.parent)
    raise UsageError(f"There is no run {name!r} here.")


def listed(runs: Path) -> list[dict[str, Json]]:
    """Every run, the newest first."""
    folders = sorted(runs.glob("*/run.toml"), key=lambda file: file.stat().st_mtime, reverse=True)
    return [_progress(RunFolder(file.parent)) for file in folders]


def _progress(folder: RunFolder) -> dict[str, Json]:
    return history.progress(folder) | ({"best_fitness": None} if blind(folder) else {})


def blind(folder: RunFolder) -> bool:
    """Whether a person is still to judge what is shown: then no fitness is."""
    try:
        config = RunConfig.model_validate(read_toml(folder.path / "run.toml").get("config", {}))
        return asking.blind(config) and history.state(folder) != "done"
    except (UsageError, ValidationError):
        return False  # of another version, or of a method that is gone: nobody can go on judging


def answers(folder: RunFolder) -> list[Answer]:
    """Every answer of the model, without its fitness where a person is to judge."""
    found = history.answers(folder)
    return [_unmeasured(answer) for answer in found] if blind(folder) else found


def _unmeasured(answer: Answer) -> Answer:
    curves = {name: values for name, values in answer.curves.items() if name != "fitness"}
    score = answer.score and {**answer.score, "fitness": None, "curve": []}
    return answer._replace(score=score, curves=curves, episodes=[], bank={}, certificate={})


def file_of(folder: RunFolder, path: str) -> Path | None:
    """A film, picture or page of a run; None for anything else, and for what lies outside."""
    if "\0" in path:
        return None
    file = (folder.path / path).resolve()
    allowed = file.suffix in SHOWN or path in PAGES
    return file if allowed and file.is_relative_to(folder.path) and file.is_file() else None


# ---------------------------------------------------------------- the board


def board(folder: RunFolder) -> dict[str, Any]:
    """A run as it stands."""
    events = folder.events()
    table = read_toml(folder.path / "run.toml")
    found, best = answers(folder), history.best(folder)
    preferred = _preferred(events)
    busy = _busy(events) if folder.is_locked() else []
    return {
        "name": folder.name,
        "sentence": table.get("task", {}).get("sentence", folder.name),
        "state": history.state(folder),
        "round": max((event["round"] for event in events if event["event"] == "round-start"), default=0),
        "rounds": table.get("config", {}).get("method", {}).get("rounds"),
        "waits": _waits(events),
        "questions": people.waiting(folder.path),
        "jobs": _jobs(busy),
        "cost": summary.cost(events),
        "rows": [_row(answer, busy, best) for answer in found],
        "lineage": charts.lineage([page.node(answer, best or "") for answer in found]) if found else "",
        "best": best,
        "confirmed": [] if blind(folder) else [event for event in events if event["event"] == "confirmed"],
        "blind": blind(folder),
        "said": judgements.said(events),
        "preferred": preferred,
        "preferred_says": judgements.lines(preferred),
        "pages": [name for name in PAGES if (folder.path / name).is_file()],
        "films": len(film_files(folder)),
    }


def stamp(folder: RunFolder) -> tuple[Any, ...]:
    """Changes when the board may have changed."""
    log, asks = folder.path / "log.jsonl", folder.path / "asks"
    waiting = sorted(str(file) for file in asks.rglob("*.json"))
    return (log.stat().st_size if log.exists() else 0, folder.is_locked(), waiting)


def _preferred(events: list[dict[str, Json]]) -> dict[str, Json] | None:
    """Standings as the method drew them, else over every ranking so far; None before the first."""
    rankings = [event for event in events if event["event"] == "person" and event["ranks"]]
    drawn = judgements.told(events)
    if drawn is not None or not rankings:
        return drawn
    found = preferences.estimate([event["ranks"] for event in rankings])
    return {
        "by": list(dict.fromkeys(event["by"] for event in rankings)),
        "best": found.standings[0].name,
        "standings": [standing._asdict() for standing in found.standings],
        "surely": found.surely,
        "cycles": found.cycles,
    }


def _row(answer: Answer, busy: list[dict[str, Json]], best: str | None) -> dict[str, Any]:
    round_number = page.ROUND.search(answer.slot)
    training = answer.accepted and any(event["of"].get("candidate") == answer.candidate for event in busy)
    rules = dict.fromkeys(finding["rule"] for finding in answer.findings if finding["severity"] == "error")
    return {
        "answer": answer,
        "round": round_number[1] if round_number else "",
        "stage": f"{answer.stage}, at work" if training else answer.stage,
        "rules": list(rules),
        "line": charts.curve(answer.curves.get("fitness", []), width=150, height=30),
        "best": bool(answer.candidate) and answer.candidate == best,
    }


def _busy(events: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Starts of jobs that have not ended in this process."""
    begun: dict[str, dict[str, Json]] = {}
    for event in events:
        if event["event"] == "run-start":
            begun = {}
        elif event["event"] == "job-start":
            begun[event["address"]] = event
        elif event["event"] in ("job-done", "job-failed"):
            begun.pop(event["address"], None)
    return list(begun.values())


def _jobs(busy: list[dict[str, Json]]) -> str:
    """What is at work, in words: 2 train, 1 evaluate."""
    kinds = [event["address"].split("/")[0] for event in busy]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))


def _waits(events: list[dict[str, Json]]) -> str:
    """What the run waits for, if its last word was that it waits."""
    last = events[-1] if events else {"event": ""}
    return str(last["why"]) if last["event"] in ("model-waits", "memory-waits") else ""


# ---------------------------------------------------------------- candidates and their films


def candidate(folder: RunFolder, name: str) -> dict[str, Any]:
    """A candidate in full. UsageError where there is none of that name."""
    everyone = answers(folder)
    found = next((answer for answer in everyone if answer.candidate == name), None)
    if found is None or not name:
        raise UsageError(f"There is no candidate {name!r} in {folder.name}.")
    parents = {answer.candidate: answer for answer in reversed(everyone)}
    return page.shown(found, parents) | {"films": [film for film in films(folder) if film["candidate"] == name]}


def film_files(folder: RunFolder) -> list[str]:
    files = [*sorted(folder.path.glob("videos/**/*.mp4")), folder.path / "best.mp4"]
    return [str(file.relative_to(folder.path)) for file in files if file.is_file()]


def films(folder: RunFolder) -> list[dict[str, Any]]:
    """Every film of a run, under the name of its file, with what was paid in it where that is known."""
    best, trained = history.best(folder) or "", curves(folder)
    whose = {path: best if path == "best.mp4" else Path(path).stem for path in film_files(folder)}
    return [film(folder, path, name if name in trained else "", trained) for path, name in whose.items()]


def film(folder: RunFolder, path: str, name: str, trained: Curves) -> dict[str, Any]:
    """One film of a candidate; without a path where there is no such file. `trained` is of `curves`."""
    there = bool(path) and file_of(folder, path) is not None
    label = " ".join(dict.fromkeys((Path(path).stem, name)))
    return {"path": path if there else "", "label": label, "candidate": name, "paid": _paid(folder, name, trained)}


def curves(folder: RunFolder) -> Curves:
    """Curves over training by candidate."""
    return {answer.candidate: answer.curves for answer in answers(folder) if answer.candidate}


def _paid(folder: RunFolder, name: str, trained: Curves) -> list[dict[str, Any]]:
    """What each component paid: at every instant of the filmed episode where it was traced, else by checkpoint."""
    traced = _traced(folder, name)
    found = traced or _components(trained.get(name, {}))
    largest = max((abs(value) for values in found.values() for value in values), default=0.0) or 1.0
    return [
        {
            "name": component,
            "traced": bool(traced),
            "value": sum(values) / len(values) if traced else values[-1],
            "largest": largest,
            "steps": json.dumps([float(f"{value:.4g}") for value in values]) if traced else "",
        }
        for component, values in found.items()
    ]


def _traced(folder: RunFolder, name: str) -> dict[str, list[float]]:
    """Per component, what it paid at up to MOST_FRAMES instants of the filmed episode."""
    for file in folder.path.glob("jobs/certify/*/film.npz") if name else ():
        if Candidate(code=(file.parent / "reward.py").read_text(encoding="utf-8"), slot="").id == name:
            return _components({key: values.tolist() for key, values in overlay.read(file).items()})
    return {}


def _components(arrays: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    found = {}
    for key, values in arrays.items():
        known = [value for value in values[:: 1 + len(values) // MOST_FRAMES] if math.isfinite(value)]
        if key.startswith(overlay.COMPONENT) and key != TOTAL and known:
            found[key.removeprefix(overlay.COMPONENT)] = known
    return found


def component_names(code: str) -> list[str]:
    """Components a reward's text names: the keys of the dict it returns."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    dicts = [node for value in returned for node in ast.walk(value) if isinstance(node, ast.Dict)]
    keys = [key.value for each in dicts for key in each.keys if isinstance(key, ast.Constant)]
    return list(dict.fromkeys(key for key in keys if isinstance(key, str)))
