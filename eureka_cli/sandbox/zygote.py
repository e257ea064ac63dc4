"""Starts the process all reward processes are forked from, on the highest rung of the isolation ladder that holds."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import eureka_cli
from eureka_cli.errors import SandboxUnavailable, UsageError
from eureka_cli.sandbox import bubblewrap, wire
from eureka_cli.sandbox.platforms import require_linux

START_S, TORCH_START_S = 30.0, 120.0
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}
"""All a reward process ever sees of an environment."""
NO_LOCK_CURE = (
    "Reward code is never run unconfined by default. Use Linux 5.13 or newer (a container or WSL2 will do), or accept"
    " the risk for code you have read with --set allow_unconfined=true."
)
NO_WALL = "bubblewrap is not installed; with it (apt install bubblewrap) a second wall stands around the lock"

HERE = Path(__file__).parent
NUMPY = Path(np.__file__).parent
REWARD_MATH = Path(eureka_cli.__file__).parent / "reward_math.py"
TORCH_UTILS = REWARD_MATH.parent / "isaac" / "stubs" / "isaacgym" / "torch_utils.py"
FILES = (HERE / "child.py", HERE / "reward_code.py", HERE / "lock.py", HERE / "wire.py", REWARD_MATH)


class Zygote:
    """It holds NumPy, an empty environment and no secret. Made by `start`."""

    def __init__(
        self, process: subprocess.Popen[bytes], channel: socket.socket, lock: str, *, walled: bool, note: str
    ) -> None:
        self._process = process
        self._channel = channel
        self.lock = lock
        """What every reward process must say it has put on before it is used, such as `landlock ABI 7 + seccomp`."""
        self.level = f"bubblewrap + {lock}" if walled else lock
        """The isolation in force, such as `bubblewrap + landlock ABI 7 + seccomp`."""
        self.note = note
        """Why no second wall stands around the lock; empty where it does or was not asked for."""

    @classmethod
    def start(
        cls, *, allow_unconfined: bool = False, second_wall: bool = True, kill: bool = False, torch: bool = False
    ) -> Zygote:
        """Start and self-test, on the highest rung that holds. Raises SandboxUnavailable where none does.

        `kill` has the kernel kill a reward process at its first forbidden system call, where otherwise the call is
        refused: for finding out what honest code needs. `torch` loads PyTorch too, for rewards written in it; its
        many files are not shown inside the second wall, so the lock stands alone. Raises UsageError without PyTorch.
        """
        require_linux()
        second_wall = second_wall and not torch
        note = ""
        if second_wall:
            try:
                return _begin(bwrap=_bwrap(), unconfined=False, kill=kill, torch=torch)
            except SandboxUnavailable as error:
                note = str(error)
        try:
            return _begin(bwrap=None, unconfined=False, kill=kill, note=note, torch=torch)
        except SandboxUnavailable as error:
            if allow_unconfined:
                return _begin(bwrap=None, unconfined=True, kill=kill, note=note, torch=torch)
            raise SandboxUnavailable(f"No sandbox for reward code: {error}. {NO_LOCK_CURE}") from None

    def spawn(self, fds: Sequence[int], input_size: int, output_size: int) -> int:
        """Ask for a reward process on these pipes and buffers; gives a pidfd of it, opened by the zygote.

        A process inside the second wall cannot know its number out here, and none is asked. The pidfd comes on a
        socket of its own, which the child closes before it sees code: no descriptor can ever come from a reward.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(START_S)
        with ours, contextlib.suppress(TimeoutError, ConnectionError):
            with theirs:
                request = wire.SPAWN.pack(input_size, output_size)
                socket.send_fds(self._channel, [request], [*fds, theirs.fileno()])
            _, handles, _, _ = socket.recv_fds(ours, 1, 1, socket.MSG_CMSG_CLOEXEC)
            if handles:
                return handles[0]
        raise SandboxUnavailable("The zygote forked no reward process.")

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        self._channel.close()
        self._process.kill()
        self._process.wait()


def _bwrap() -> str:
    found = bubblewrap.program()
    if found is None:
        raise SandboxUnavailable(NO_WALL)
    return found


def _torch_home() -> str:
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        raise UsageError("PyTorch is not installed: pip install 'reward-synth[isaac]'.")
    return str(Path(spec.origin).parent.parent)


def _begin(*, bwrap: str | None, unconfined: bool, kill: bool, torch: bool = False, note: str = "") -> Zygote:
    """Start a zygote on one rung. Raises SandboxUnavailable with the reason where the rung does not hold."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    given = {
        "socket": theirs.fileno(),
        "numpy_home": str(NUMPY.parent),
        "reward_math": str(REWARD_MATH),
        "unconfined": unconfined,
        "kill": kill,
        "outside": bubblewrap.our_namespaces() if bwrap else {},
        "torch_home": [_torch_home()] if torch else [],
        "torch_utils": str(TORCH_UTILS),
    }
    python = bubblewrap.interpreter() if bwrap else sys.executable
    command = [python, "-I", "-S", str(HERE / "child.py"), json.dumps(given)]
    with theirs, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            bubblewrap.walled(bwrap, command, NUMPY, FILES) if bwrap else command,
            env=ENVIRONMENT,
            pass_fds=(theirs.fileno(),),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        theirs.close()  # so that a zygote which dies is heard at once
        ours.settimeout(TORCH_START_S if torch else START_S)
        try:
            said = json.loads(ours.recv(4096) or b"{}")
        except (TimeoutError, ConnectionError):
            said = {}
        if "level" in said:
            ours.settimeout(None)
            return Zygote(process, ours, said["level"], walled=bwrap is not None, note=note)
        ours.close()
        process.kill()
        process.wait()
        complaints.seek(0)
        last = complaints.read().decode(errors="replace").strip().splitlines()[-1:]
    raise SandboxUnavailable(said.get("refused") or "; ".join(last) or "it did not start")
