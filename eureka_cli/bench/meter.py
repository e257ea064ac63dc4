"""CPU-seconds of this process and of all below it, the living and the dead."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from eureka_cli.core import Json

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
UTIME = 11
"""Place of utime in /proc/PID/stat after the name; stime and those of waited-for children follow."""


def cpu_s() -> float:
    """This process and its dead children exactly, living ones to a hundredth (/proc)."""
    dead = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + dead.ru_utime + dead.ru_stime + sum(map(_ticks, below(os.getpid()))) * TICK_S


def below(pid: int) -> Iterator[int]:
    """Living processes that come from `pid`."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:  # gone meanwhile
            continue
        for child in children:
            yield child
            yield from below(child)


def _ticks(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    fields = text.rpartition(")")[2].split()
    return sum(map(int, fields[UTIME : UTIME + 4]))


def timed(work: Callable[[], dict[str, Json]]) -> dict[str, Json]:
    """What `work` says it did, with the CPU-seconds of all processes and the seconds meanwhile."""
    before, started = cpu_s(), time.monotonic()
    done = work()
    return {**done, "cpu_s": cpu_s() - before, "wall_s": time.monotonic() - started}
