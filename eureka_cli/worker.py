"""Process entry of jobs. `--serve` keeps one preloaded server that forks a process per job.

The server holds no secret (it is started with a built environment) and owns the one NumPy zygote from which
every reward process comes. A job is a folder: job.json in, result.json out, written last by rename.

    stdin   {"job": "/folder"} a line; end of input stops everything
    stdout  {"job": "/folder", "event": "progress" | "end", ...} a line
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import selectors
import signal
import sys
import time
import traceback
from pathlib import Path

from eureka_cli import evaluator, plugins, policies  # noqa: F401  (preloaded: a fork costs 5 ms, an import 300)
from eureka_cli.context import Context
from eureka_cli.core import Json
from eureka_cli.errors import RewardSynthError
from eureka_cli.jobs import KINDS
from eureka_cli.sandbox.client import Zygote
from eureka_cli.store import locked, read_json, write_json

PR_SET_PDEATHSIG = 1
PRELOAD = ("eureka_cli.simulators.mujoco_batch", "eureka_cli.trainers.native_ppo")


def perform(folder: Path, zygote: Zygote, events: int) -> int:
    """Run one job in this process; 0 when result.json stands."""
    started = time.process_time()
    result_file = folder / "result.json"
    with locked(folder / ".lock", wait=True, busy=""):
        if result_file.exists():
            return 0
        job = read_json(folder / "job.json")
        context = Context(folder=folder, spec=job["spec"], paths=job["paths"], zygote=zygote, events=events)
        result = KINDS[job["kind"]](context)
        cpu_s = time.process_time() - started + context.reward_cpu_s
        write_json(result_file, {"result": result, "cpu_s": cpu_s, "reward_cpu_s": context.reward_cpu_s})
    return 0


def _fork(folder: Path, zygote: Zygote, events: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        output = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        status = perform(folder, zygote, events)
    except BaseException as error:
        known = isinstance(error, RewardSynthError)
        problem = {"kind": type(error).__name__ if known else "", "message": str(error)}
        write_json(folder / "error.json", {**problem, "traceback": traceback.format_exc()})
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _tell(events: int, **fact: Json) -> None:
    os.write(events, (json.dumps(fact) + "\n").encode())


def serve(*, allow_unconfined: bool) -> None:
    """Fork a process for every job asked for on stdin until stdin closes."""
    _die_with_parent()
    events = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for module in PRELOAD:
        importlib.import_module(module)
    zygote = Zygote.start(allow_unconfined=allow_unconfined)
    _tell(events, event="ready", isolation=zygote.level)
    selector = selectors.DefaultSelector()
    selector.register(0, selectors.EVENT_READ)
    children: dict[int, tuple[int, Path]] = {}
    unread = b""
    while True:
        for key, _ in selector.select():
            if key.fd != 0:
                pid, folder = children.pop(key.fd)
                selector.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(pid, 0)
                _tell(events, job=str(folder), event="end", status=os.waitstatus_to_exitcode(status))
                continue
            data = os.read(0, 1 << 16)
            if not data:
                _stop(children, zygote)
                return
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                folder = Path(json.loads(line)["job"])
                _preload_for(folder)
                pid = _fork(folder, zygote, events)
                handle = os.pidfd_open(pid)
                children[handle] = (pid, folder)
                selector.register(handle, selectors.EVENT_READ)


def _preload_for(folder: Path) -> None:
    """Import once, before the fork, what jobs of this world and trainer share; never the person's own code."""
    spec = read_json(folder / "job.json")["spec"]
    if spec.get("world", {}).get("kind") == "gymnasium":
        importlib.import_module("eureka_cli.simulators.gymnasium")
    trainer = spec.get("trainer", {}).get("name", "")
    if trainer in plugins.names("trainers"):
        for library in getattr(plugins.load("trainers", trainer), "PRELOAD", ()):
            importlib.import_module(library)


def _stop(children: dict[int, tuple[int, Path]], zygote: Zygote) -> None:
    for pid, _ in children.values():
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    zygote.close()


if __name__ == "__main__":
    serve(allow_unconfined="--allow-unconfined" in sys.argv)
