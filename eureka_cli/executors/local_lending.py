"""Lends prepared jobs to machines elsewhere and takes back what they answer: what `ray` and `slurm` have in common.

A job whose machine is lost is lent again; an answer counts once. A job is lent under its folder's lock, so that no
other run does the same meanwhile.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, Protocol

from pydantic import Field

from eureka_cli import parcels, plugins
from eureka_cli.core import Json
from eureka_cli.errors import JobFailed, RunError
from eureka_cli.executors import local
from eureka_cli.executors.local_node import WRITTEN
from eureka_cli.store import locked, read_json, write_json

LOST_AT_MOST = 3
"""Machines a job may lose before it counts as failed: it may be what kills them."""
NO_LIMIT = 1 << 30
BUSY_S = 1.0


class Config(local.Config):
    """What jobs ask for where a cluster shares itself out. `cores` limits how many are out at a time."""

    cpus: int = Field(1, ge=1)
    """Cores of one job."""
    gpus: float | None = Field(None, ge=0)
    """GPUs of one training; None takes what its trainer asks for."""
    memory_gb: float | None = Field(None, gt=0)
    """Memory of one job, in GiB; None asks for none."""

    def gpus_of(self, folder: Path) -> float:
        """GPUs a prepared job asks for: trainings alone ask for any."""
        job = read_json(folder / "job.json")
        if job["kind"] != "train":
            return 0.0
        trainer = plugins.load("trainers", job["spec"]["trainer"]["name"])
        return float(getattr(trainer, "GPUS", 0)) if self.gpus is None else self.gpus


class Lost(NamedTuple):
    """In place of an answer: the machine went before it came."""

    why: str


class Cluster(Protocol):
    """Where jobs are lent to."""

    def send(self, folders: Sequence[Path]) -> None: ...

    def hear(self) -> Iterator[tuple[Path, dict[str, Json] | bytes | Lost]]:
        """Events, answers and losses since the last call, after a second or so at the latest."""
        ...

    def drop(self, folders: Sequence[Path]) -> None:
        """Nobody waits for these any more."""
        ...


def lend(
    cluster: Cluster, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None], *, at_most: int | None
) -> Iterator[Path]:
    """Have each folder's job run; yields folders as their results (or errors) stand."""
    waiting, out, lost = list(folders), dict[Path, ExitStack](), Counter[Path]()
    try:
        while waiting or out:
            yield from _lend_more(cluster, waiting, out, at_most or NO_LIMIT)
            if not out:  # other runs have all that is left
                time.sleep(BUSY_S)
                continue
            for folder, word in cluster.hear():
                if isinstance(word, dict):
                    on_event({**word, "job": str(folder)})
                    continue
                loss = word if isinstance(word, Lost) else _take(word, folder)
                if loss is not None:
                    lost[folder] += 1
                    if lost[folder] < LOST_AT_MOST:
                        on_event({"event": "job-lost", "job": str(folder), "why": f"{loss.why}; its job runs again"})
                        cluster.send([folder])
                        continue
                    problem = f"its node was lost {LOST_AT_MOST} times: {loss.why}"
                    write_json(folder / "error.json", {"kind": JobFailed.__name__, "message": problem, "traceback": ""})
                out.pop(folder).close()
                yield folder
    finally:
        cluster.drop(list(out))
        for lock in out.values():
            lock.close()


def _lend_more(cluster: Cluster, waiting: list[Path], out: dict[Path, ExitStack], at_most: int) -> Iterator[Path]:
    """Lend what nobody else works on; yields what others have finished meanwhile."""
    lent = []
    for folder in list(waiting):
        if len(out) >= at_most:
            break
        lock = ExitStack()
        try:
            lock.enter_context(locked(folder / ".lock"))
        except RunError:
            continue  # another run has it out: look again later
        waiting.remove(folder)
        if (folder / "result.json").exists():
            lock.close()
            yield folder
            continue
        out[folder] = lock
        lent.append(folder)
    if lent:
        cluster.send(lent)


def _take(answer: bytes, folder: Path) -> Lost | None:
    """Half an answer is none."""
    try:
        parcels.take_answer(answer, folder)
    except JobFailed as error:
        return Lost(str(error).rstrip("."))
    return None


def weakest(known: str, folder: Path) -> str:
    """The weaker of an isolation and that of a job that came back; what a run promises is what every node held."""
    file = folder / WRITTEN
    told = read_json(file)["isolation"] if file.exists() else ""
    return min(filter(None, (known, told)), key=local.rung, default="")
