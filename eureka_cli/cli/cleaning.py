"""What of runs can be made again, and what removing it frees.

Arrays alone go: results, answers, code, reports and films stay, so that every run reads as before. A job whose arrays
are needed again is run again (session.search).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from eureka_cli.reports import history
from eureka_cli.store import SWEEP, RunFolder, read_json

ARRAYS = (".npz", ".npy")
FILM = "film.npz"
"""What the page shows beside a video."""
HALF = re.compile(r"\..+\.[0-9a-f]{8}")
"""A whole-file write that was killed before it was renamed."""


class Part(NamedTuple):
    """One run, or what runs share, and what can go of it."""

    name: str
    what: str
    files: tuple[Path, ...]

    @property
    def freed(self) -> int:
        """Bytes: a file that has another name elsewhere frees nothing."""
        facts = [file.lstat() for file in self.files]
        gone = Counter(fact.st_ino for fact in facts)
        sizes = {fact.st_ino: fact.st_size for fact in facts if gone[fact.st_ino] >= fact.st_nlink}
        return sum(sizes.values())


def runs_in(runs: Path) -> list[RunFolder]:
    """Every run, sweeps' cells too, by name."""
    folders = [runs, *(file.parent for file in runs.glob(f"*/{SWEEP}"))]
    return [RunFolder(file.parent) for folder in folders for file in sorted(folder.glob("*/run.toml"))]


def part(folder: RunFolder) -> Part:
    """Of a run that is done all arrays but those of its best; of another what no finished job left."""
    done = history.state(folder) == "done"
    jobs = [file.parent for file in folder.path.glob("jobs/*/*/job.json")]
    kept = _of(jobs, history.best(folder)) if done else [job for job in jobs if (job / "result.json").exists()]
    safe = {file.stat().st_ino for job in kept for file in _arrays(job)}
    files = [file for job in jobs for file in _arrays(job) if file.stat().st_ino not in safe]
    what = "arrays of all but the best" if done else "arrays of jobs that were cut off"
    return Part(folder.name, what, (*files, *_halves(folder.path)))


def shared(runs: Path) -> Part:
    """What runs share: banks, baselines' policies, measured transitions, settled starts."""
    cache = runs / ".cache"
    files = [*cache.rglob("*.npz"), *cache.rglob("*.npy"), *_halves(cache)]
    return Part(".cache", "banks, baselines' policies, settled starts", tuple(files))


def remove(found: Part) -> None:
    for file in found.files:
        file.unlink(missing_ok=True)


def _of(jobs: list[Path], best: str | None) -> list[Path]:
    return [job for job in jobs if read_json(job / "job.json")["spec"].get("candidate") == best]


def _arrays(job: Path) -> Iterator[Path]:
    return (file for file in job.iterdir() if file.suffix in ARRAYS and file.name != FILM)


def _halves(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob(".*") if HALF.fullmatch(file.name) and file.is_file())
