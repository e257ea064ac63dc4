"""report.html: one self-contained page a person can mail: result, reward, every candidate and what became of it."""

from __future__ import annotations

import base64
from pathlib import Path

from eureka_cli import prompts
from eureka_cli.core import Json
from eureka_cli.reports import summary
from eureka_cli.store import RunFolder, write_atomic

LARGEST_VIDEO = 5_000_000


def write(folder: RunFolder) -> Path:
    """Write report.html from what the run folder holds; returns its path."""
    found = summary.compute(folder)
    file = folder.path / "report.html"
    html = prompts.render(
        "report/page",
        found=found,
        candidates=_candidates(folder),
        code=(folder.path / "best.py").read_text(encoding="utf-8"),
        video=_data_uri(Path(found["video"])) if found["video"] else None,
    )
    write_atomic(file, html)
    return file


def _candidates(folder: RunFolder) -> list[dict[str, Json]]:
    """One row an answer: round, candidate, verdict, fitness over checkpoints."""
    rows: dict[str, dict[str, Json]] = {}
    scores: dict[str, dict[str, Json]] = {}
    for event in folder.events():
        if event["event"] == "verdict":
            rows[event["slot"]] = event
        if event["event"] == "score":
            scores[event["candidate"]] = event
    return [
        {
            "slot": slot,
            "candidate": event["candidate"],
            "accepted": event["accepted"],
            "findings": event["findings"],
            "score": scores.get(event["candidate"]),
            "points": _polyline((scores.get(event["candidate"]) or {}).get("curve") or []),
        }
        for slot, event in rows.items()
    ]


def _polyline(values: list[float]) -> str:
    """SVG points of a 100 by 24 sparkline."""
    finite = [value for value in values if value == value]
    if len(finite) < 2:
        return ""
    low, high = min(finite), max(finite)
    span = (high - low) or 1.0
    step = 100 / (len(finite) - 1)
    return " ".join(f"{k * step:.1f},{22 - 20 * (value - low) / span:.1f}" for k, value in enumerate(finite))


def _data_uri(file: Path) -> str | None:
    if not file.is_file() or file.stat().st_size > LARGEST_VIDEO:
        return None
    return "data:video/mp4;base64," + base64.b64encode(file.read_bytes()).decode()
