"""Whether a job still works: judged by CPU-time and wake-ups the kernel counted, so that a slow machine kills nothing.

Reward code has deadlines of its own (sandbox/client.py); a job that waits for it wakes fifty times a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ASLEEP_S = 600.0
"""A job may sleep so long without a sign."""
BRISK = 5.0
"""Wake-ups a second of one that waits for something it looks after."""
BUSY = 0.01
"""Share of a core of one that works."""
SILENT_CPU_S = 3600.0
"""A job may compute so long without a sign, or else for the cost of so many environment steps:"""
SILENT_STEPS = 1_000_000
TICKS_A_S = 100
"""Of the times in /proc/<pid>/stat: fixed for every Linux program."""


class Look(NamedTuple):
    """What the kernel says of a process."""

    state: str
    """`S` asleep by its own will; `R` and `D` it waits for the machine; `T` somebody stopped it."""
    cpu_s: float
    wakes: int
    rss: int
    """Bytes."""


def look(pid: int) -> Look | None:
    """None once the process is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    told = dict(line.split(":", 1) for line in status.splitlines())
    rss = int(told.get("VmRSS", "0").split()[0]) * 1024
    return Look(stat[0], (int(stat[11]) + int(stat[12])) / TICKS_A_S, int(told["voluntary_ctxt_switches"]), rss)


@dataclass
class Watch:
    """A running job: the last sign of life, and what it did since."""

    pid: int
    step_cpu_s: float
    """Measured cost of an environment step; 0 where nobody has measured yet."""
    now: Look
    at: float
    """When `now` was seen, by the monotonic clock."""
    cpu_at_sign_s: float = 0.0
    asleep_s: float = 0.0

    def sign(self) -> None:
        """The job reported something."""
        self.cpu_at_sign_s, self.asleep_s = self.now.cpu_s, 0.0

    def trouble(self, clock: float, most_s: float) -> str:
        """Why the job should be killed; empty while it may go on.

        At most `most_s` count as seen since the last call: while this process was stopped, so was the job.
        """
        seen, before, passed = look(self.pid), self.now, min(clock - self.at, most_s)
        if seen is None or passed <= 0:
            return ""
        self.now, self.at = seen, clock
        worked = seen.cpu_s - before.cpu_s > BUSY * passed or seen.wakes - before.wakes > BRISK * passed
        self.asleep_s = 0.0 if worked or seen.state != "S" else self.asleep_s + passed
        if self.asleep_s >= ASLEEP_S:
            return f"it slept for {ASLEEP_S / 60:.3g} minutes"
        limit = max(SILENT_CPU_S, SILENT_STEPS * self.step_cpu_s)
        if seen.cpu_s - self.cpu_at_sign_s >= limit:
            return f"it computed for {limit / 60:.3g} CPU-minutes and reported nothing"
        return ""
