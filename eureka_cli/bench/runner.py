"""Run what is missing of a benchmark, one cell after the other, each in a fresh process.

A cell that breaks is written down and passed over; Ctrl-C loses the cell it meets and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from eureka_cli.bench.cells import CURES, Cell, Folder, Record, machine, versions
from eureka_cli.core import Json
from eureka_cli.executors.local import KEPT, ONE_THREAD
from eureka_cli.store import locked, read_json

ERROR_LINES = 40


class Status(NamedTuple):
    """How far the cells of a benchmark are."""

    done: int
    stale: int
    """Measured under other settings or versions; measured again when asked for."""
    broken: list[str]
    missing: dict[str, int]
    """Packages that are not installed, and how many cells wait for each."""
    total: int
    cpu_s: float
    """What all cells take: as measured, else guessed."""


def status(folder: Folder, cells: Sequence[Cell]) -> Status:
    records = {record.cell.name: record for record in folder.records(cells)}
    missing: dict[str, int] = {}
    for cell in cells:
        for package in cell.missing[:1]:  # one cure is enough
            missing[package] = missing.get(package, 0) + 1
    return Status(
        done=len(records),
        stale=sum(folder.is_stale(cell) for cell in cells),
        broken=[cell.name for cell in cells if cell.name not in records and folder.error_file(cell).exists()],
        missing=missing,
        total=len(cells),
        cpu_s=sum(records[c.name].cpu_s if c.name in records else c.guess_s for c in cells),
    )


def notes(status: Status) -> list[str]:
    """What the tables lack, and why: a sentence each."""
    told = [f"{status.done} of {status.total} cells are measured."] if status.done < status.total else []
    if status.stale:
        told.append(f"{status.stale} were measured under other settings or versions and are not shown.")
    if status.broken:
        told.append(f"{len(status.broken)} broke: {', '.join(status.broken)}.")
    for package, count in status.missing.items():
        cure = CURES.get(package, f"pip install {package}")
        told.append(f"{count} are left out: {package} is not installed ({cure}).")
    return [" ".join(told)] if told else []


def run(folder: Folder, cells: Sequence[Cell], say: Callable[[str], None]) -> None:
    """Measure every cell that is not finished and can be measured here. Raises RunError where another process does."""
    busy = f"{folder.path} is being worked on by {{holder}}. Wait for it, or stop it."
    with locked(folder.path / ".lock", busy=busy):
        _run(folder, cells, say)


def _run(folder: Folder, cells: Sequence[Cell], say: Callable[[str], None]) -> None:
    waiting = [cell for cell in cells if not cell.missing and folder.record(cell) is None]
    guessed = sum(cell.guess_s for cell in waiting)
    spent, passed = 0.0, 0.0
    for k, cell in enumerate(waiting):
        started = time.monotonic()
        record = _measure(folder, cell)
        spent += time.monotonic() - started
        passed += cell.guess_s
        left = (guessed - passed) * (spent / passed if passed else 1.0)
        told = f"broke: {_last_line(folder, cell)}" if record is None else f"{record.cpu_s:.0f} CPU-s"
        say(f"{cell.benchmark} {k + 1}/{len(waiting)}  {cell.name}  {told}  (about {left / 60:.0f} min left)")


def _last_line(folder: Folder, cell: Cell) -> str:
    file = folder.error_file(cell)
    return f"{file.read_text(encoding='utf-8').splitlines()[-1]} (all of it: {file})"


def _measure(folder: Folder, cell: Cell) -> Record | None:
    """One cell in a process of its own; None where it broke, with the reason in its error file."""
    folder.scratch.mkdir(parents=True, exist_ok=True)
    answer = folder.scratch / f"{cell.name}.answer.json"
    answer.unlink(missing_ok=True)
    errors = folder.error_file(cell)
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    if cell.one_thread:
        environment |= ONE_THREAD
    started = time.monotonic()
    with (folder.scratch / f"{cell.name}.output.txt").open("w+b") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "eureka_cli.bench.cell", str(folder.scratch), str(answer)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the person's process only, which stops the rest itself
        )
        cpu_s = _wait(process, cell.model_dump())
        wall_s = time.monotonic() - started
        output.seek(0)
        said = output.read().decode(errors="replace").splitlines()
    if not answer.exists():
        last = said[-ERROR_LINES:] or [f"The process ended with status {process.returncode} and said nothing."]
        errors.write_text("\n".join(last) + "\n", encoding="utf-8")
        return None
    result: dict[str, Json] = read_json(answer)
    found = {name: version for name, version in versions(cell.packages).items() if version is not None}
    record = Record(
        cell=cell, key=cell.key, result=result, cpu_s=cpu_s, wall_s=wall_s, machine=machine(), versions=found
    )
    folder.keep(record)
    answer.unlink()
    return record


def _wait(process: subprocess.Popen[bytes], cell: dict[str, Json]) -> float:
    """Hand the cell over, wait, and return the CPU-seconds of the process and all it waited for."""
    assert process.stdin is not None
    try:
        try:
            process.stdin.write(json.dumps(cell).encode())
            process.stdin.close()
        except BrokenPipeError:
            pass  # it died before it listened: its status tells
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime
