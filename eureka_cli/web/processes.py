"""Runs as processes of their own: start, resume and stop them. The server may die; they go on."""

from __future__ import annotations

import datetime
import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple, TextIO

from eureka_cli import config, plugins, tasks
from eureka_cli.errors import UsageError
from eureka_cli.store import LOCK_POLL_S, RunFolder, is_locked

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
MODELS = ("builtin", "exchange", "recorded")
"""Those that cost nothing: a page spends no money. A paid run is started on the command line, and shown here."""
ENDING_S = 10.0
TAIL = 4000
"""Characters shown of what a process printed."""


class Printed(NamedTuple):
    """What a process that was started here has printed."""

    text: str
    alive: bool


def choices(runs: Path) -> dict[str, list[str]]:
    """What the form offers."""
    return {
        "task": sorted(tasks.names()),
        "method_name": plugins.names("methods"),
        "model": list(MODELS),
        "preset": list(config.PRESETS),
        "recording": sorted(file.parent.name for file in runs.glob("*/run.toml")),
    }


def start(runs: Path, form: Mapping[str, str]) -> str:
    """Start a run as the form says; returns its name. Raises UsageError for what is not on offer."""
    offered = choices(runs)
    for field in ("task", "method_name", "model", "preset"):
        if form.get(field) not in offered[field]:
            raise UsageError(f"No {field} {form.get(field)!r}. There are: {', '.join(offered[field])}.")
    model = form["model"]
    if model == "recorded":
        if form.get("recording") not in offered["recording"]:
            raise UsageError("Which run's answers are to be used again? Choose one under recording.")
        model = f"recorded:{runs / form['recording']}"
    name = form.get("name", "").strip() or _fresh(runs, f"{form['task']}-{form['method_name']}")
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a folder. Use letters, digits, dots, dashes and underscores.")
    if (runs / name).exists():
        raise UsageError(f"There is a run {name!r} already. Choose another name.")
    flags = {"task": form["task"], "method": form["method_name"], "model": model, "preset": form["preset"]}
    flags |= {field: form[field].strip() for field in ("rounds", "samples", "seed", "person") if form.get(field)}
    _spawn(runs, name, ["run", f"--name={name}", *(f"--{flag}={value}" for flag, value in flags.items())])
    return name


def resume(folder: RunFolder) -> None:
    """Go on in a new process; UsageError where one works on it already."""
    if folder.is_locked():
        raise UsageError(f"{folder.name} is being worked on already.")
    _spawn(folder.path.parent, folder.name, ["resume", folder.name])


def stop(folder: RunFolder) -> None:
    """End what works on a run as Ctrl-C does. UsageError where there is none, or none that can be reached."""
    if not folder.is_locked():
        raise UsageError(f"Nothing works on {folder.name}, so there is nothing to stop.")
    with _holder(folder) as process:
        signal.pidfd_send_signal(process, signal.SIGTERM)  # one begun in the background ignores SIGINT


@contextmanager
def _holder(folder: RunFolder) -> Iterator[int]:
    """A handle on the process that holds the run's lock: it stays that process even if the number is given away."""
    lost = UsageError(
        f"The process that works on {folder.name} cannot be reached from here: it is another user's, or in another"
        " container. Press Ctrl-C where it was started."
    )
    try:
        number = int(folder.lock_file.read_text())
        handle = os.pidfd_open(number)
    except (ValueError, OSError):
        raise lost from None
    try:
        if not _has_open(number, folder.lock_file):
            raise lost
        yield handle
    finally:
        os.close(handle)


def _has_open(number: int, file: Path) -> bool:
    wanted = file.stat()
    try:
        opened = [os.stat(f"/proc/{number}/fd/{entry}") for entry in os.listdir(f"/proc/{number}/fd")]
    except OSError:
        return False
    return any(os.path.samestat(wanted, each) for each in opened)


def printed(runs: Path, name: str) -> Printed | None:
    """The end of what the process printed that was started here for a run; None where none was."""
    file = _output(runs, name)
    if not NAME.fullmatch(name) or not file.is_file():
        return None
    return Printed(file.read_text(encoding="utf-8", errors="replace")[-TAIL:], is_locked(file))


def _fresh(runs: Path, stem: str) -> str:
    stem = f"{datetime.date.today().isoformat()}-{stem}"
    taken = {path.name for path in runs.glob("*")} | {file.stem for file in _output(runs, "").parent.glob("*.txt")}
    return next(name for name in (stem, *(f"{stem}-{k}" for k in range(2, len(taken) + 3))) if name not in taken)


def _output(runs: Path, name: str) -> Path:
    return runs / ".ui" / f"{name}.txt"


def _spawn(runs: Path, name: str, arguments: list[str]) -> None:
    """A process in a session of its own. What it prints goes to a file, which is locked as long as it lives."""
    output = _output(runs, name)
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("a") as stream:
        _lock(stream, busy=f"{name} is being started already, or has not ended yet. Try again in a moment.")
        stream.truncate(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "eureka_cli.cli.main", *arguments, f"--runs={runs}"],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    Thread(target=process.wait, daemon=True).start()  # so that it is no zombie


def _lock(stream: TextIO, *, busy: str) -> None:
    """A process that was stopped a moment ago may still be tidying up: it is waited for."""
    end = time.monotonic() + ENDING_S
    while True:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise UsageError(busy) from None
            time.sleep(LOCK_POLL_S)
