"""Runs jobs on this machine: one preloaded job server, one single-threaded process a job, one job a core."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eureka_cli.core import Frozen, Json
from eureka_cli.errors import JobFailed, SandboxUnavailable

KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "MUJOCO_GL")
"""The only variables of ours that reach a job. No key is among them."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Set before NumPy loads: BLAS threads spinning on small matrices cost five times the work (measured)."""


class Config(Frozen):
    cores: int | None = None
    """Jobs side by side; None takes every core this process may use."""
    allow_unconfined: bool = False


class Local:
    """The job server and its pipes. Started at the first job, gone with this process."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.cores = config.cores or len(os.sched_getaffinity(0))
        self.isolation = ""
        self._server: subprocess.Popen[bytes] | None = None

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None]) -> Iterator[Path]:
        """Run each folder's job; yields folders as they end. The order of ending changes no result."""
        waiting = list(folders)
        running: set[str] = set()
        if waiting:
            self._start()
        while waiting or running:
            while waiting and len(running) < self.cores:
                folder = waiting.pop(0)
                running.add(str(folder))
                self._send(folder)
            event = self._receive()
            if event["event"] == "end":
                running.discard(event["job"])
                yield Path(event["job"])
            else:
                on_event(event)

    def close(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            for stream in (self._server.stdin, self._server.stdout, self._server.stderr):
                if stream is not None:
                    stream.close()
            self._server = None

    def _start(self) -> None:
        if self._server is not None:
            return
        environment = {name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD
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
        self.isolation = self._receive()["isolation"]

    def _send(self, folder: Path) -> None:
        assert self._server is not None and self._server.stdin is not None
        self._server.stdin.write(json.dumps({"job": str(folder)}).encode() + b"\n")
        self._server.stdin.flush()

    def _receive(self) -> dict[str, Json]:
        assert self._server is not None and self._server.stdout is not None
        line = self._server.stdout.readline()
        if not line:
            assert self._server.stderr is not None
            text = self._server.stderr.read().decode(errors="replace").strip()
            self.close()
            last = text.splitlines()[-1] if text else "no message"
            if "SandboxUnavailable" in last:
                raise SandboxUnavailable(last.partition(": ")[2])
            raise JobFailed(f"The job server died: {last}")
        event: dict[str, Json] = json.loads(line)
        return event


def start(config: Config) -> Local:
    return Local(config)
