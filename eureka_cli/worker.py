"""Process entry of jobs. `--serve` keeps one preloaded server that forks a process per job.

The server holds no secret (it is started with a built environment) and owns the one NumPy zygote from which
every reward process comes. A job is a folder: job.json in, result.json out, written last by rename.

    stdin   {"job": "/folder"} or {"kill": "/folder", "signal": 9} a line; end of input stops everything
    stdout  {"job": "/folder", "event": "begin" | "waits" | "progress" | "end", ...} a line
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import json
import os
import resource
import selectors
import signal
import sys
import time
import traceback
from pathlib import Path

from eureka_cli import evaluator, plugins, policies  # noqa: F401  (preloaded: a fork costs 5 ms, an import 300)
from eureka_cli.context import Context
from eureka_cli.core import Json
from eureka_cli.errors import FULL, DiskFull, OutOfMemory, RewardSynthError
from eureka_cli.jobs import KINDS
from eureka_cli.sandbox.client import Zygote
from eureka_cli.store import locked, read_json, to_disk, write_json

PR_SET_PDEATHSIG = 1
OOM_SCORE = 500
"""Where memory runs out the kernel should kill a job: not the server, not the person's process, not a reward's."""
PRELOAD = ("eureka_cli.simulators.mujoco_batch", "eureka_cli.trainers.native_ppo", "gymnasium")
"""What most jobs need. Gymnasium is where shipped environments take their models from: 40 ms a job."""


def perform(folder: Path, zygote: Zygote, events: int) -> int:
    """Run one job in this process; 0 when result.json stands."""
    started = time.process_time()
    result_file = folder / "result.json"
    with locked(folder / ".lock", waiting=lambda: _tell(events, job=str(folder), event="waits")):
        if result_file.exists():
            return 0
        job = read_json(folder / "job.json")
        context = Context(folder=folder, spec=job["spec"], paths=job["paths"], zygote=zygote, events=events)
        result = KINDS[job["kind"]](context)
        reward_cpu_s = context.reward_cpu_s
        cpu_s = time.process_time() - started + reward_cpu_s
        for made in folder.iterdir():  # else a power failure could leave a result without its arrays
            to_disk(made)
        peak = _peak(resource.getrusage(resource.RUSAGE_SELF)) + sum(process.peak for process in context.rewards)
        write_json(result_file, {"result": result, "cpu_s": cpu_s, "reward_cpu_s": reward_cpu_s, "peak": peak})
    return 0


def _fork(folder: Path, zygote: Zygote, events: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _offer_to_the_kernel()
        output = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(output, 1)
        os.dup2(output, 2)
        faulthandler.enable()
        status = perform(folder, zygote, events)
    except BaseException as error:
        problem = {**_told(error, folder), "traceback": traceback.format_exc()}
        write_json(folder / "error.json", problem)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _told(error: BaseException, folder: Path) -> dict[str, Json]:
    """The kind of error, where it is one of ours or the machine's, and what to say of it."""
    if isinstance(error, OSError) and error.errno in FULL:
        return {"kind": DiskFull.__name__, "message": f"{error.strerror}: {folder}. Free some space and resume."}
    kind = type(error).__name__ if isinstance(error, RewardSynthError) else ""
    return {"kind": OutOfMemory.__name__ if isinstance(error, MemoryError) else kind, "message": str(error)}


def _offer_to_the_kernel() -> None:
    """Be the first to go where memory runs out, and leave no core file."""
    own = Path("/proc/self/oom_score_adj")
    own.write_text(str(max(OOM_SCORE, int(own.read_text()))))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _peak(usage: resource.struct_rusage) -> int:
    """Bytes, those shared with the server among them."""
    return usage.ru_maxrss * 1024


def die_with_parent() -> None:
    """Be killed when the parent ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _tell(events: int, **fact: Json) -> None:
    os.write(events, (json.dumps(fact) + "\n").encode())


def serve(*, allow_unconfined: bool) -> None:
    """Fork a process for every job asked for on stdin until stdin closes."""
    die_with_parent()
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
                _, raw, usage = os.wait4(pid, 0)
                status = os.waitstatus_to_exitcode(raw)
                _tell(events, job=str(folder), event="end", status=status, peak=_peak(usage))
                continue
            data = os.read(0, 1 << 16)
            if not data:
                _stop(children, zygote)
                return
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                asked = json.loads(line)
                if "kill" in asked:
                    _kill(Path(asked["kill"]), asked["signal"], children)
                    continue
                folder = Path(asked["job"])
                _preload_for(folder)
                pid = _fork(folder, zygote, events)
                handle = os.pidfd_open(pid)
                children[handle] = (pid, folder)
                selector.register(handle, selectors.EVENT_READ)
                _tell(events, job=str(folder), event="begin", pid=pid)


def _kill(folder: Path, number: int, children: dict[int, tuple[int, Path]]) -> None:
    """Signal the process of a job that has not ended yet."""
    for handle, (_, running) in children.items():
        if running == folder:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)


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
