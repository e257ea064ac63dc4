"""A locked process, whatever it computes: have it forked, ask it under a deadline, believe one frame, close it."""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import select
import signal
import time
from pathlib import Path

from eureka_cli.core import Finding
from eureka_cli.errors import JobFailed, RewardFailure, SandboxUnavailable
from eureka_cli.sandbox import wire
from eureka_cli.sandbox.zygote import START_S, Zygote

WALL_OVER_CPU = 10.0
POLL_MS = 20
F_ADD_SEALS = 1033
F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_FUTURE_WRITE = 2, 4, 16
CURES = {
    "wrong-shape": "Compute on axis 0 as the batch: reduce vectors with axis=-1, index columns as x[:, 0].",
    "wrong-type": "Return (total, components): total an array (B,), components a dict of arrays (B,).",
    "bad-component-name": "Name components with letters, digits and underscores.",
    "too-many-components": "Return the handful of terms the total is made of.",
    "out-of-memory": "Avoid arrays that grow with the square of the batch.",
    "raised": "Correct the code; it must run on any batch of states.",
    "no-entry-point": "Define compute_reward(state, action, next_state).",
}


class Confined:
    """One process of a zygote, with a pipe each way and a buffer each way. It has seen no code yet."""

    def __init__(self, zygote: Zygote, input_size: int, output_size: int) -> None:
        """Raises SandboxUnavailable where the process does not say that it wears the zygote's lock."""
        self._closed = False
        self._spent = 0.0
        self.peak = 0
        """The most bytes it held, once closed."""
        self._unread = bytearray()
        self.pid = 0
        self._spawn(zygote, input_size, output_size)
        try:
            self._expect(zygote.lock)
        except BaseException:
            self.close()
            raise

    def _spawn(self, zygote: Zygote, input_size: int, output_size: int) -> None:
        child_reads, self._requests = os.pipe()
        self._answers, child_writes = os.pipe()
        # Only our mapping may ever write the inputs; and nobody may change the sizes.
        input_fd, self.given = _shared("reward-input", input_size, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)
        output_fd, self.result = _shared("reward-output", output_size, F_SEAL_SHRINK | F_SEAL_GROW)
        given = (child_reads, child_writes, input_fd, output_fd)
        try:
            self._handle = zygote.spawn(given, input_size, output_size)
        finally:
            for fd in given:
                os.close(fd)
        self.level = zygote.level

    def _expect(self, lock: str) -> None:
        """The child's word, before it has seen any code, that it put on the lock the zygote promised."""
        self.pid = _number_of(self._handle)
        try:
            kind, said = self.answer(START_S / WALL_OVER_CPU)
        except RewardFailure:
            kind, said = 0, b""
        if kind != wire.HELLO or said.decode(errors="replace") != lock:
            raise SandboxUnavailable("A reward process could not lock itself and was not used.")

    def set_up(self, payload: bytes, deadline_s: float) -> bytes:
        """Send the code; gives what READY carries. Raises RewardFailure where it does not load."""
        wire.write_all(self._requests, wire.frame(wire.SETUP, payload))
        kind, said = self.answer(deadline_s)
        if kind != wire.READY:
            raise RewardFailure(finding(said))
        os.set_blocking(self._requests, False)  # code that answers without reading must not make us wait
        return said

    def call(self, payload: bytes) -> None:
        """Ask for one computation on what lies in the buffer."""
        try:
            wire.write_all(self._requests, wire.frame(wire.CALLED, payload))
        except (BrokenPipeError, BlockingIOError):
            raise RewardFailure(crashed()) from None

    # ------------------------------------------------------------ waiting, with a deadline in CPU-time

    def answer(self, deadline_s: float) -> tuple[int, bytes]:
        """The next frame. Overrunning CPU-time is the reward's failure; ten times that in wall time, the machine's."""
        started_cpu, started = self.cpu_s, time.monotonic()
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        poll.register(self._handle, select.POLLIN)
        while True:
            ready = dict(poll.poll(POLL_MS))
            if ready.get(self._answers, 0) & select.POLLIN:
                frame = self._taken(os.read(self._answers, 1 << 16))
                if frame is not None:
                    return frame
            elif ready:
                raise RewardFailure(crashed())
            if self.cpu_s - started_cpu > deadline_s:
                self.kill()
                raise RewardFailure(_too_slow(f"The reward used more than {deadline_s:.1f} s of CPU for one call."))
            if time.monotonic() - started > WALL_OVER_CPU * deadline_s:
                waits = self._waits()
                self.kill()
                if waits:
                    raise RewardFailure(_too_slow("The reward waits for something instead of computing."))
                raise JobFailed("A reward process hung without using CPU: the machine is stalled. It is tried again.")

    def _taken(self, data: bytes) -> tuple[int, bytes] | None:
        """The frame once it is whole. Never read to its end in one go: code may write half of one and stop."""
        self._unread += data
        try:
            frame = wire.whole_frame(self._unread)
        except ValueError:
            raise RewardFailure(crashed()) from None
        if not data:
            raise RewardFailure(crashed())
        if frame is not None:
            self._unread.clear()
        return frame

    def _waits(self) -> bool:
        """Whether it sleeps by its own will; a process the machine does not get to is runnable or waits for a disk."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] == "S"

    @property
    def cpu_s(self) -> float:
        """CPU-seconds the process has used, by the kernel's account, not its own."""
        if not self._closed and self.pid > 0:
            with contextlib.suppress(OSError):
                self._spent = time.clock_gettime((~self.pid << 3) | 2)  # the kernel's id of another's CPU clock
        return self._spent

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def close(self) -> None:
        """No array may look into the buffers any more."""
        if self._closed:
            return
        self._spent, self.peak = self.cpu_s, _peak_of(self.pid)
        self._closed = True
        self.kill()
        self.given.close()
        self.result.close()
        for fd in (self._requests, self._answers, self._handle):
            os.close(fd)


def _shared(name: str, size: int, seals: int) -> tuple[int, mmap.mmap]:
    """A memory file and our mapping of it, made before the seals close it to everyone else."""
    import fcntl  # not on Windows, where the program says so in a sentence instead

    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    mapping = mmap.mmap(fd, size)
    fcntl.fcntl(fd, F_ADD_SEALS, seals)
    return fd, mapping


def _number_of(handle: int) -> int:
    """The process id a pidfd stands for, as this side of any namespace numbers it; -1 once it is gone."""
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise SandboxUnavailable("The kernel does not tell which process a pidfd stands for; use Linux 5.4 or newer.")


def _peak_of(pid: int) -> int:
    """The most bytes a process held so far; 0 once it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


# ---------------------------------------------------------------- what went wrong, as findings


def _too_slow(message: str) -> Finding:
    return Finding(rule="too-slow", message=message, cure="Use vectorised NumPy; no loops over the batch.")


def crashed() -> Finding:
    return Finding(
        rule="crashed",
        message="The reward process died while it ran the code.",
        cure="Use plain vectorised NumPy on the inputs.",
    )


def finding(payload: bytes) -> Finding:
    """A failure as the child tells it: text, capped, control characters escaped."""
    rule, _, rest = payload.decode(errors="replace").partition("\0")
    line, _, text = rest.partition("\0")
    known = rule if rule in CURES else "raised"
    number = int(line) if line.isascii() and line.isdigit() and int(line) > 0 else None
    return Finding(rule=known, message=_plain(text)[: wire.LONGEST_MESSAGE], cure=CURES[known], line=number)


def component_names(raw: bytes) -> list[str]:
    """Names as the child says them, checked again on this side."""
    names = raw.decode(errors="replace").split("\0") if raw else []
    if len(names) > wire.MOST_COMPONENTS or len(set(names)) < len(names):
        raise RewardFailure(Finding(rule="bad-component-name", message="Too many or repeated component names."))
    for name in names:
        if not re.fullmatch(wire.NAME, name):
            message = f"The component name {_plain(name)[:60]!r} is not a plain name."
            raise RewardFailure(Finding(rule="bad-component-name", message=message))
    return names


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
