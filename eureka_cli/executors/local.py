"""Runs jobs on this machine: one preloaded job server, one single-threaded process a job, one job a core.

A job starts when a core and the memory it may grow to are free; one always runs. What dies without a word, or is
killed because it stands still, gets its error.json here: the machine's failure, never evidence about a reward.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from eureka_cli.core import Frozen, Json, digest
from eureka_cli.errors import JobFailed, OutOfMemory, SandboxUnavailable, Stalled
from eureka_cli.executors import local_memory
from eureka_cli.executors.local_watch import Watch, look
from eureka_cli.store import read_json, write_json

KEPT = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "MUJOCO_GL"),
    *("CUDA_VISIBLE_DEVICES", "JAX_PLATFORMS", "JAX_COMPILATION_CACHE_DIR"),
)
"""The only variables of ours that reach a job. No key is among them."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Set before NumPy loads: BLAS threads spinning on small matrices cost five times the work (measured)."""
ONE_GPU = {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
"""Jobs side by side take of a GPU's memory what they need, not three quarters of it each."""
FIRST_GUESS = 1 << 30
"""Bytes a job may grow to where none like it has ended: five times what a training of a shipped task takes."""
MARGIN = 1.5
"""Over the most one of its kind took: a later part of a training may hold more."""
TICK_S = 1.0
RUNGS = ("seccomp", "landlock", "bubblewrap")
"""Of the isolation ladder, the weakest first."""


class Config(Frozen):
    cores: int | None = None
    """Jobs side by side; None takes every core this process may use."""
    allow_unconfined: bool = False
    isolation: Literal["seccomp", "landlock", "bubblewrap"] | None = None
    """Refuse to run behind less than this rung (docs/trust-line.md); None takes any lock."""


def rung(level: str) -> int:
    """How high an isolation, as a zygote tells it, stands on the ladder; -1 for none."""
    return max((place for place, name in enumerate(RUNGS) if name in level), default=-1)


@dataclass
class Running:
    """A job under way."""

    kind: str
    """Jobs of one kind, world and trainer take about the same memory."""
    step_cpu_s: float
    watch: Watch | None = None
    """None until the server has told the process."""
    trouble: str = ""
    """Why it was told to stop."""


class Local:
    """The job server and its pipes. Started at the first job, gone with this process."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.cores = config.cores or len(os.sched_getaffinity(0))
        self.isolation = ""
        self._server: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._peaks: dict[str, int] = {}
        """By kind of job: the most bytes one took."""

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None]) -> Iterator[Path]:
        """Run each folder's job; yields folders as they end. The order of ending changes no result."""
        for event in self.events(folders):
            if event["event"] == "end":
                yield Path(event["job"])
            else:
                on_event(event)

    def events(self, folders: Sequence[Path]) -> Iterator[dict[str, Json]]:
        """Run each folder's job; yields what is worth telling, and an `end` for each."""
        waiting = list(folders)
        running: dict[Path, Running] = {}
        told = False
        if waiting:
            self._start()
        while waiting or running:
            while waiting and len(running) < self.cores:
                job = _read(waiting[0])
                if running and not self._fits(job, list(running.values())):
                    if not told:
                        why = f"waiting for memory before more jobs start: {len(waiting)} to go"
                        yield {"event": "memory-waits", "job": str(waiting[0]), "why": why}
                    told = True
                    break
                folder = waiting.pop(0)
                running[folder] = job
                self._send(job=str(folder))
            for event in self._receive(TICK_S):
                folder = Path(event["job"])
                if folder not in running:  # of an earlier call that was given up
                    continue
                if event["event"] == "end":
                    self._ended(folder, running.pop(folder), event)
                    yield event
                else:
                    self._heard(running[folder], event)
                    if event["event"] == "progress":
                        yield event
            self._stop_the_stuck(running)

    def _fits(self, job: Running, running: list[Running]) -> bool:
        """Whether memory is left once every running job has grown to what its like took."""
        growth = 0
        for other in running:
            held = other.watch.now.rss if other.watch else 0
            growth += max(0, self._expected(other) - held)
        return local_memory.available() - growth >= self._expected(job)

    def _expected(self, job: Running) -> int:
        return int(MARGIN * self._peaks[job.kind]) if job.kind in self._peaks else FIRST_GUESS

    def _heard(self, job: Running, event: dict[str, Json]) -> None:
        if event["event"] == "begin":
            seen = look(event["pid"])
            job.watch = Watch(event["pid"], job.step_cpu_s, seen, time.monotonic()) if seen else None
        elif job.watch:
            job.watch.sign()

    def _stop_the_stuck(self, running: dict[Path, Running]) -> None:
        """Ask first: SIGABRT makes a process write to its output where it stands. Then kill."""
        clock = time.monotonic()
        for folder, job in running.items():
            if job.watch is None or clock - job.watch.at < TICK_S:
                continue
            trouble = job.watch.trouble(clock, most_s=2 * TICK_S)
            if trouble:
                self._send(kill=str(folder), signal=signal.SIGKILL if job.trouble else signal.SIGABRT)
                job.trouble = trouble

    def _ended(self, folder: Path, job: Running, event: dict[str, Json]) -> None:
        """Learn from what it took; say why it died where it could not say so itself."""
        result, error = folder / "result.json", folder / "error.json"
        if result.exists():
            found = read_json(result)
            if not found["result"].get("failure"):  # one that ended early says little
                self._peaks[job.kind] = max(found.get("peak", 0), event["peak"], self._peaks.get(job.kind, 0))
            return
        self._peaks[job.kind] = max(event["peak"], self._peaks.get(job.kind, FIRST_GUESS))
        if error.exists():
            return
        kind: type[JobFailed] = JobFailed
        problem = f"its process ended with {_status(event['status'])}"
        if job.trouble:
            kind, problem = Stalled, job.trouble
        elif event["status"] == -signal.SIGKILL:
            kind, problem = OutOfMemory, "the kernel killed it, as it does when memory runs out"
        write_json(error, {"kind": kind.__name__, "message": problem, "traceback": ""})

    def close(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            for stream in (self._server.stdin, self._server.stdout, self._server.stderr):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):  # what was not read is of no use any more
                        stream.close()
            self._server = None

    def _start(self) -> None:
        if self._server is not None:
            return
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD | ONE_GPU
        command = [sys.executable, "-m", "eureka_cli.worker", "--serve"]
        if self.config.allow_unconfined:
            command.append("--allow-unconfined")
        self._server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the person's process only, which stops the rest itself
        )
        self.isolation = self._ready()["isolation"]
        if self.config.isolation and rung(self.isolation) < rung(self.config.isolation):
            self.close()
            raise SandboxUnavailable(
                f"Reward code would run behind {self.isolation}, and executor.isolation asks for"
                f" {self.config.isolation}. `reward-synth doctor` says what is missing here."
            )

    def _ready(self) -> dict[str, Json]:
        while True:
            for event in self._receive(TICK_S):
                return event

    def _send(self, **message: Json) -> None:
        assert self._server is not None and self._server.stdin is not None
        try:
            self._server.stdin.write(json.dumps(message).encode() + b"\n")
            self._server.stdin.flush()
        except BrokenPipeError:
            self._died()

    def _receive(self, timeout_s: float) -> list[dict[str, Json]]:
        """What the server told, after `timeout_s` at the latest."""
        assert self._server is not None and self._server.stdout is not None
        poll = select.poll()
        poll.register(self._server.stdout, select.POLLIN)
        if not poll.poll(1e3 * timeout_s):
            return []
        data = os.read(self._server.stdout.fileno(), 1 << 16)
        if not data:
            self._died()
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def _died(self) -> NoReturn:
        assert self._server is not None and self._server.stderr is not None
        text = self._server.stderr.read().decode(errors="replace").strip()
        self.close()
        last = text.splitlines()[-1] if text else "no message"
        if "SandboxUnavailable" in last:
            raise SandboxUnavailable(last.partition(": ")[2])
        raise JobFailed(f"The job server died: {last}")


def _read(folder: Path) -> Running:
    job = read_json(folder / "job.json")
    kind = [job["kind"], job["spec"].get("world"), job["spec"].get("trainer")]
    return Running(digest(kind), job.get("step_cpu_s", 0.0))


def _status(status: int) -> str:
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def start(config: Config) -> Local:
    return Local(config)
