"""Cells: the smallest things a benchmark measures, each in a process of its own and kept under a key of its inputs.

runs/.bench/<benchmark>/<arm>--<task>--<repeat>--<key>.json  a finished cell, written whole
runs/.bench/<benchmark>/<arm>--<task>--<repeat>.error.txt    why it broke the last time
runs/.bench/<benchmark>/scratch/                             what its processes leave behind, runs among it
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from eureka_cli.core import Frozen, Json, digest
from eureka_cli.store import read_json, write_json

PACKAGES = ("numpy", "mujoco", "mjbatch", "gymnasium")
SB3 = ("stable-baselines3", "torch")
CURES = {"stable-baselines3": "pip install torch==2.13.0 'reward-synth[sb3]'", "torch": "pip install torch==2.13.0"}


class Plan(Frozen):
    """What is asked for. None takes all a benchmark has."""

    repeats: int = 5
    tasks: tuple[str, ...] | None = None
    arms: tuple[str, ...] | None = None
    steps: int | None = None
    """Environment steps of everything that trains or steps; only to try the plumbing."""


def each(plan: Plan, tasks: Sequence[str], arms: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """(repeat, task, arm) of what is asked: all arms of a repeat before the next, so a noisy hour meets all of them."""
    asked = [arm for arm in arms if plan.arms is None or arm in plan.arms]
    return product(range(plan.repeats), plan.tasks or tasks, asked)


class Cell(Frozen):
    """One measurement: an arm on a task, once."""

    benchmark: str
    arm: str
    task: str
    repeat: int
    settings: dict[str, Json]
    """All that decides the result besides the names above: worlds, versions and settings of trainers, steps."""
    packages: tuple[str, ...] = PACKAGES
    """Whose releases may change the result."""
    one_thread: bool = True
    """BLAS threads as jobs have them; else as the libraries choose."""
    guess_s: float = 0.0
    """CPU-seconds it may take, for telling beforehand."""

    @property
    def name(self) -> str:
        return f"{self.arm}--{self.task}--{self.repeat}"

    @property
    def key(self) -> str:
        identity = self.model_dump(exclude={"guess_s", "packages"})
        return digest([identity, versions(self.packages)])

    @property
    def missing(self) -> list[str]:
        """Packages it needs that are not installed."""
        found = versions(self.packages)
        return [package for package in self.packages if found[package] is None]


class Record(Frozen):
    """A finished cell and the circumstances."""

    cell: Cell
    key: str
    result: dict[str, Json]
    cpu_s: float
    """Of its process and all that were waited for, start included: what the cell cost, not what it measured."""
    wall_s: float
    machine: dict[str, Json]
    versions: dict[str, str]


class Folder:
    """Where the cells of a benchmark lie."""

    def __init__(self, runs: Path, benchmark: str) -> None:
        self.path = runs.resolve() / ".bench" / benchmark
        self.scratch = self.path / "scratch"

    def record(self, cell: Cell) -> Record | None:
        """The finished cell; None where it is not, or only under another key."""
        file = self._file(cell)
        return Record.model_validate(read_json(file)) if file.exists() else None

    def records(self, cells: Sequence[Cell]) -> list[Record]:
        found = (self.record(cell) for cell in cells)
        return [record for record in found if record is not None]

    def is_stale(self, cell: Cell) -> bool:
        """Measured, but under other settings or versions."""
        return not self._file(cell).exists() and any(self.path.glob(f"{cell.name}--*.json"))

    def keep(self, record: Record) -> None:
        self.error_file(record.cell).unlink(missing_ok=True)
        write_json(self._file(record.cell), record.model_dump())

    def error_file(self, cell: Cell) -> Path:
        return self.path / f"{cell.name}.error.txt"

    def _file(self, cell: Cell) -> Path:
        return self.path / f"{cell.name}--{cell.key}.json"  # trying --steps out leaves the real cell alone


def versions(packages: Sequence[str]) -> dict[str, str | None]:
    return {package: _version(package) for package in packages}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def machine() -> dict[str, Json]:
    """What numbers were measured on."""
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
