"""What a sweep would cost, before anything is spent."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from eureka_cli import estimate
from eureka_cli.cli import cells as running
from eureka_cli.cli import session
from eureka_cli.core import Json
from eureka_cli.reports.account import together
from eureka_cli.reports.sweep import standing
from eureka_cli.store import RunFolder
from eureka_cli.suites import Cap, Cell

NOTHING = {"steps": 0, "cpu_s": 0, "tokens": 0, "usd": 0.0}


def tell(folder: Path, cells: Sequence[Cell], cap: Cap, *, as_json: bool) -> None:
    """Print every cell with its estimate, the whole, and a warning where the cap buys less. Measures the tasks."""
    expected = running.check(folder, cells, cap)
    rows = [{"cell": cell.name, **_cost(folder, cell, expected)} for cell in cells]
    columns = {key: [row[key] for row in rows] for key in NOTHING}
    whole = {key: None if None in column else sum(column) for key, column in columns.items()}
    before = together([standing(RunFolder(folder / cell.name)).spent for cell in cells])
    bought = _bought(rows, cap, running.used(before, 0.0))
    if as_json:
        print(json.dumps({"cells": rows, "whole": whole, "bought": bought}, indent=1))
        return
    width = max(len(cell.name) for cell in cells)
    for row in rows:
        print(f"{row['cell']:{width}}  {_text(row) if row['cell'] in expected else 'done'}")
    cores = len(os.sched_getaffinity(0))
    hours = sum(row["cpu_s"] for row in rows) / 3600 / cores
    print(f"{len(expected)} of {len(rows)} cells to run: about {_text(whole)}; {hours:.2g} hours on {cores} cores")
    if bought < len(rows):
        print(f"The limits buy less: about {bought} of {len(rows)} cells.")


def _cost(folder: Path, cell: Cell, expected: dict[str, int]) -> dict[str, Json]:
    if cell.name not in expected:
        return dict(NOTHING)
    scratch = RunFolder(folder.parent / ".dry-run")
    scratch.path.mkdir(parents=True, exist_ok=True)
    with running.prepared(scratch, cell.config) as run:
        method, settings = session.check_settings(run)
        found = estimate.costs(run, settings.rounds, settings.samples, method.opening(run))
    steps = expected[cell.name]
    return {
        "steps": steps,
        "cpu_s": round(found["cpu_s"] * steps / found["steps"]),
        "tokens": found["input_tokens"] + found["output_tokens"] if run.paid else 0,
        "usd": found["usd"],
    }


def _bought(rows: Sequence[dict[str, Json]], cap: Cap, before: dict[str, float]) -> int:
    """How many cells, in their order, fit below every limit above what is used; a price nobody knows does not count."""
    cores = len(os.sched_getaffinity(0))
    limits = cap.model_dump(exclude_none=True)
    used = dict(before)
    for count, row in enumerate(rows):
        used["hours"] += row["cpu_s"] / 3600 / cores
        used["cpu_hours"] += row["cpu_s"] / 3600
        for key in ("tokens", "usd", "steps"):
            used[key] += row[key] or 0
        if any(used[key] > limit for key, limit in limits.items()):
            return count
    return len(rows)


def _text(row: dict[str, Json]) -> str:
    money = "unknown price" if row["usd"] is None else f"${row['usd']:.2f}"
    return f"{row['steps']:,} steps, {row['cpu_s']:,} CPU-s, {row['tokens']:,} tokens, {money}"
