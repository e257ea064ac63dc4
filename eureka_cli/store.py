"""The run folder is the database: whole-file atomic writes, an append-only log, locks.

runs/<name>/run.toml log.jsonl llm/ asks/ candidates/ jobs/<kind>/<key>/ best.py report.html
runs/<sweep>/sweep.toml <name>/    a sweep and its runs
runs/.cache/jobs/<kind>/<key>/     what other runs can use too
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eureka_cli.core import Job, Json
from eureka_cli.errors import RunError

LOCK_POLL_S = 0.2
SWEEP = "sweep.toml"
"""Makes the folder it lies in a sweep, and the run folders beside it its cells."""


def write_atomic(file: Path, content: str | bytes) -> None:
    """Replace a file in one step: readers see the old text or the new one, never half."""
    file.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(file: Path, value: Json) -> None:
    write_atomic(file, json.dumps(value, indent=1, sort_keys=True) + "\n")


def read_json(file: Path) -> Json:
    return json.loads(file.read_text(encoding="utf-8"))


@contextmanager
def locked(file: Path, *, busy: str = "", waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a file lock; the kernel drops it when the process dies, however it dies. The file names its holder.

    While another process holds it, `waiting` is called again and again; without it RunError says `busy`.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    tried = False
    with file.open("a") as stream:
        while True:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if waiting is not None:
                    waiting()
                elif tried:  # once may have been a reader in is_locked
                    raise RunError(busy) from None
                tried = True
                time.sleep(LOCK_POLL_S)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock; reads only, and looks for microseconds."""
    if not file.exists():
        return False
    with file.open() as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class RunFolder:
    """Paths and records of one run. Everything it knows is on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    @property
    def name(self) -> str:
        """What commands know it by: its path below runs/."""
        return str(self.path.relative_to(self._runs))

    @property
    def cache(self) -> Path:
        return self._runs / ".cache"

    @property
    def _runs(self) -> Path:
        beside = self.path.parent
        return beside.parent if (beside / SWEEP).exists() else beside

    @property
    def lock_file(self) -> Path:
        return self.path / ".lock"

    def lock(self) -> Any:
        busy = f"{self.path} is being worked on by another process. Wait for it, or stop it and resume."
        return locked(self.lock_file, busy=busy)

    def is_locked(self) -> bool:
        """Whether a process works on it just now."""
        return is_locked(self.lock_file)

    # ------------------------------------------------------------ log

    def log(self, event: str, **facts: Json) -> None:
        """Append one event. A line torn by a crash is the last one and is skipped when read."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **facts}) + "\n"
        with (self.path / "log.jsonl").open("a", encoding="utf-8") as stream:
            stream.write(line)

    def events(self) -> list[dict[str, Json]]:
        file = self.path / "log.jsonl"
        if not file.exists():
            return []
        found = []
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue  # torn by a crash
        return found

    # ------------------------------------------------------------ jobs

    def job_folder(self, job: Job) -> Path:
        root = self.cache if job.shared else self.path
        return root / "jobs" / job.kind / job.key

    def find(self, address: str) -> Path:
        """The folder of a finished job, in this run or in the shared cache."""
        for root in (self.path, self.cache):
            folder = root / "jobs" / address
            if (folder / "result.json").exists():
                return folder
        raise RunError(f"Job {address} is not finished in {self.path}.")

    def result(self, job: Job) -> dict[str, Json] | None:
        file = self.job_folder(job) / "result.json"
        if not file.exists():
            return None
        record: dict[str, Json] = read_json(file)
        return record

    def prepare(self, job: Job, *, step_cpu_s: float = 0.0) -> Path:
        """Write a job folder that holds all its inputs, so that any machine can run it.

        `step_cpu_s` is what an environment step was measured to cost here: for deadlines, it changes no result.
        """
        folder = self.job_folder(job)
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in job.texts.items():
            write_atomic(folder / name, text)
        for name, address in job.links.items():
            kind, key, file = address.split("/", 2)
            _link(self.find(f"{kind}/{key}") / file, folder / name)
        paths = {**job.paths, "cache": str(self.cache)}
        inputs = [*job.texts, *job.links]
        facts = {"kind": job.kind, "spec": job.spec, "paths": paths, "inputs": inputs, "step_cpu_s": step_cpu_s}
        write_json(folder / "job.json", facts)
        return folder


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without hard links
        target.write_bytes(source.read_bytes())
