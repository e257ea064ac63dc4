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
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ValidationError

from eureka_cli.core import Job, Json
from eureka_cli.errors import FilesGone, RunError

T = TypeVar("T", bound=BaseModel)
LOCK_POLL_S = 0.2
SWEEP = "sweep.toml"
"""Makes the folder it lies in a sweep, and the run folders beside it its cells."""


def write_atomic(file: Path, content: str | bytes) -> None:
    """Replace a file in one step: readers see the old text or the new one, never half. What stands there stays."""
    data = content.encode() if isinstance(content, str) else content
    if file.is_file() and file.stat().st_size == len(data) and file.read_bytes() == data:
        return  # a resumed run says much again
    file.parent.mkdir(parents=True, exist_ok=True)
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
    to_disk(file.parent)


def to_disk(path: Path) -> None:
    """Return once a file's bytes, or a folder's names, would outlive a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(file: Path, value: Json) -> None:
    write_atomic(file, json.dumps(value, indent=1, sort_keys=True) + "\n")


def read_json(file: Path) -> Json:
    """What a file of ours holds. Raises RunError where something else damaged it: nothing here writes half a file."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RunError(damaged(file, str(error))) from None


def read_record(file: Path, **types: type | tuple[type, ...]) -> dict[str, Json]:
    """A table of our own that has these entries, each of its type. Raises RunError where it is damaged."""
    found = read_json(file)
    for name, wanted in types.items():
        if not isinstance(found, dict) or not isinstance(found.get(name), wanted):
            raise RunError(damaged(file, f"it has no {name}"))
    table: dict[str, Json] = found
    return table


def read_as(file: Path, kind: type[T], *path: str) -> T:
    """A record of our own, or what `path` leads to in it. Raises RunError where it is damaged."""
    found = read_json(file)
    try:
        for name in path:
            found = found[name]
        return kind.model_validate(found)
    except (ValidationError, KeyError, TypeError) as error:
        raise RunError(damaged(file, str(error).splitlines()[0])) from None


def damaged(file: Path, why: str) -> str:
    return f"{file} is damaged ({why}). Bring it back from a copy; or delete it and resume: what it held is done again."


@contextmanager
def locked(file: Path, *, busy: str = "", waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold a file lock; the kernel drops it when the process dies, however it dies. The file names its holder.

    While another process holds it, `waiting` is called again and again; without it RunError says `busy`, in which
    {holder} becomes that process.
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
                    raise RunError(busy.replace("{holder}", holder(file))) from None
                tried = True
                time.sleep(LOCK_POLL_S)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        yield


def holder(file: Path) -> str:
    """Who holds a lock, in words."""
    number = file.read_text(encoding="utf-8", errors="replace")
    return f"another process ({number})" if number.isdecimal() else "another process"


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
        busy = f"{self.path} is being worked on by {{holder}}. Wait for it, or end it: reward-synth stop {self.name}"
        return locked(self.lock_file, busy=busy)

    def is_locked(self) -> bool:
        """Whether a process works on it just now."""
        return is_locked(self.lock_file)

    # ------------------------------------------------------------ log

    def log(self, event: str, **facts: Json) -> None:
        """Append one event, whole or not at all. A line torn by a power failure is skipped when read."""
        line = json.dumps({"time": round(time.time(), 3), "event": event, **facts}) + "\n"
        with self.log_file.open("ab+", buffering=0) as stream:
            _append(stream, line.encode())

    def to_disk(self) -> None:
        """What was logged outlives a power failure from here on."""
        to_disk(self.log_file)

    @property
    def log_file(self) -> Path:
        return self.path / "log.jsonl"

    def events(self) -> list[dict[str, Json]]:
        if not self.log_file.exists():
            return []
        return [event for line in self.log_file.read_bytes().split(b"\n") if (event := _event(line)) is not None]

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

    def _made(self, address: str, file: str) -> Path:
        made = self.find(address)
        if not (made / file).exists():
            (made / "result.json").unlink(missing_ok=True)
            raise FilesGone(f"{made / file} was removed. Resume: the job that made it is run again.")
        return made / file

    def result(self, job: Job) -> dict[str, Json] | None:
        file = self.job_folder(job) / "result.json"
        if not file.exists():
            return None
        return read_record(file, result=dict, cpu_s=(int, float))

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
            _link(self._made(f"{kind}/{key}", file), folder / name)
        paths = {**job.paths, "cache": str(self.cache)}
        inputs = [*job.texts, *job.links]
        facts = {"kind": job.kind, "spec": job.spec, "paths": paths, "inputs": inputs, "step_cpu_s": step_cpu_s}
        write_json(folder / "job.json", facts)
        return folder


def _append(stream: IO[bytes], line: bytes) -> None:
    """A torn line ends where the next begins; of a line that does not fit on the disk nothing stays."""
    end = stream.seek(0, os.SEEK_END)
    if end:
        stream.seek(end - 1)
        line = line if stream.read(1) == b"\n" else b"\n" + line
    try:
        written = stream.write(line)
        if written < len(line):
            stream.write(line[written:])  # tells why the disk took no more
    except OSError:
        stream.truncate(end)
        raise


def _event(line: bytes) -> dict[str, Json] | None:
    """One line of the log; None where it is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and isinstance(found.get("event"), str) and "time" in found
    return found if whole else None


def _link(source: Path, target: Path) -> None:
    """One file under two names; what stands there already is that file, as its address names its content."""
    if target.exists():
        return
    try:
        os.link(source, target)
    except FileExistsError:
        return  # another process was faster
    except OSError:  # another file system, or one without hard links
        write_atomic(target, source.read_bytes())
