"""The trusted side of a reward process: have it forked, score rollouts, believe only floats, close it."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import re
import select
import signal
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from eureka_cli import combiners
from eureka_cli.combiners import Combine
from eureka_cli.core import Array, Finding, Rewards, Rollout
from eureka_cli.errors import JobFailed, RewardFailure, SandboxUnavailable
from eureka_cli.sandbox import wire
from eureka_cli.sandbox.zygote import START_S, Zygote

__all__ = ["RewardProcess", "Zygote"]

WIDTH = struct.Struct("<I")
"""Of the memory; before the component names in an answer."""
SHORTEST_DEADLINE_S = 1.0
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


class RewardProcess:
    """One reward in its own locked process. Use as a context manager."""

    def __init__(
        self,
        zygote: Zygote,
        code: str,
        *,
        fields: Mapping[str, tuple[int, ...]],
        action_shape: tuple[int, ...],
        rows: int,
        seconds_per_row: float = 1e-4,
        raw_builtins: bool = False,
    ) -> None:
        """`rows` is the most transitions a call may hold; `seconds_per_row` bounds its CPU-time.

        Where the code declares COMBINE, it gives components only and the total is made here.
        """
        combine = combiners.declared(code)
        if isinstance(combine, Finding):
            raise RewardFailure(combine)
        self.combine = combine
        self._fields, self._action_shape, self._rows = dict(fields), action_shape, rows
        self._seconds_per_row = seconds_per_row
        self._names_seen = b""
        self._names: list[str] = []
        self._closed = False
        self._spent = 0.0
        self.peak = 0
        """The most bytes it held, once closed."""
        self._offsets, input_floats = wire.input_layout(self._fields, action_shape, rows)
        self._unread = bytearray()
        self.pid = 0
        self._spawn(zygote, input_floats * wire.FLOAT, wire.output_floats(rows) * wire.FLOAT)
        try:
            self._expect(zygote.lock)
            setup = {
                "code": code,
                "fields": [[name, list(shape)] for name, shape in self._fields.items()],
                "action_shape": list(action_shape),
                "rows": rows,
                "combined": combine is not None,
                "raw": raw_builtins,
            }
            wire.write_all(self._requests, wire.frame(wire.SETUP, json.dumps(setup).encode()))
            kind, payload = self._answer(SHORTEST_DEADLINE_S)
            if kind != wire.READY:
                raise RewardFailure(_finding(payload))
            self.has_memory = payload == wire.WITH_MEMORY
            os.set_blocking(self._requests, False)  # code that answers without reading must not make us wait
        except BaseException:
            self.close()
            raise

    def _spawn(self, zygote: Zygote, input_size: int, output_size: int) -> None:
        child_reads, self._requests = os.pipe()
        self._answers, child_writes = os.pipe()
        # Only our mapping may ever write the inputs; and nobody may change the sizes.
        input_fd, self._given = _shared("reward-input", input_size, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)
        output_fd, self._result = _shared("reward-output", output_size, F_SEAL_SHRINK | F_SEAL_GROW)
        given = (child_reads, child_writes, input_fd, output_fd)
        try:
            self._handle = zygote.spawn(given, input_size, output_size)
        finally:
            for fd in given:
                os.close(fd)
        self._in = np.frombuffer(self._given, np.float64)
        self._out = np.frombuffer(self._result, np.float64)
        self.level = zygote.level

    def _expect(self, lock: str) -> None:
        """The child's word, before it has seen any code, that it put on the lock the zygote promised."""
        self.pid = _number_of(self._handle)
        try:
            kind, said = self._answer(START_S / WALL_OVER_CPU)
        except RewardFailure:
            kind, said = 0, b""
        if kind != wire.HELLO or said.decode(errors="replace") != lock:
            raise SandboxUnavailable("A reward process could not lock itself and was not used.")

    # ------------------------------------------------------------ scoring

    def score(self, rollout: Rollout, memory: Array | None = None) -> Rewards:
        """Rewards of a (T, N) rollout in one call. Raises RewardFailure with a finding, never returns NaN."""
        steps, count = rollout.starts.shape
        rows = steps * count
        if rows > self._rows:
            raise ValueError(f"{rows} transitions in a call; this process was made for {self._rows}.")
        self._hand_over(rollout, memory, rows)
        width = 0 if memory is None else memory.shape[1]
        call = wire.CALL.pack(steps, count, int(memory is not None), width)
        try:
            wire.write_all(self._requests, wire.frame(wire.CALLED, call))
        except (BrokenPipeError, BlockingIOError):
            raise RewardFailure(_crashed()) from None
        kind, payload = self._answer(max(SHORTEST_DEADLINE_S, rows * self._seconds_per_row))
        if kind != wire.RESULT:
            raise RewardFailure(self._told(payload))
        return self._rewards(payload, steps, count)

    def _told(self, payload: bytes) -> Finding:
        found = _finding(payload)
        if self.combine is None or found.rule != "wrong-type":
            return found
        return found.model_copy(update={"cure": "With COMBINE return the dict of components alone: the total is made."})

    def _hand_over(self, rollout: Rollout, memory: Array | None, rows: int) -> None:
        for side, values in (("state", rollout.state), ("next_state", rollout.next_state)):
            for name, shape in self._fields.items():
                self._put(f"{side}/{name}", values[name], rows * wire.size_of(shape))
        self._put("action", rollout.action, rows * wire.size_of(self._action_shape))
        self._put("starts", rollout.starts, rows)
        if memory is not None:
            self._put("memory", memory, memory.size)

    def _put(self, name: str, values: Array, size: int) -> None:
        start = self._offsets[name]
        self._in[start : start + size] = np.asarray(values).reshape(-1)

    def _rewards(self, payload: bytes, steps: int, count: int) -> Rewards:
        rows = steps * count
        if len(payload) < WIDTH.size:
            raise RewardFailure(_crashed())
        names = self._checked_names(payload[WIDTH.size :])
        width = min(WIDTH.unpack(payload[: WIDTH.size])[0], wire.LARGEST_MEMORY)
        columns = [np.array(self._out[k * self._rows : k * self._rows + rows]) for k in range(len(names) + 1)]
        if self.combine is not None:
            columns[0] = self._combined(self.combine, names, columns[1:])
        for name, column in zip(["the total", *names], columns, strict=True):
            if not np.isfinite(column).all():
                raise RewardFailure(self._not_finite(name, column))
        shape = (steps, count)
        memory = None
        if width:
            base = (1 + wire.MOST_COMPONENTS) * self._rows
            memory = np.array(self._out[base : base + count * width]).reshape(count, width)
            if not np.isfinite(memory).all():
                raise RewardFailure(self._not_finite("the memory", memory.ravel()))
        components = {name: column.reshape(shape) for name, column in zip(names, columns[1:], strict=True)}
        return Rewards(columns[0].reshape(shape), components, memory)

    def _combined(self, combine: Combine, names: list[str], columns: list[Array]) -> Array:
        wrong = combiners.missing(combine, names)
        if wrong:
            cure = "Return a dict of components with the names the rule needs."
            raise RewardFailure(Finding(rule="wrong-components", message=wrong, cure=cure))
        return combiners.total(combine, dict(zip(names, columns, strict=True)))

    def _checked_names(self, raw: bytes) -> list[str]:
        """Names as the child says them, checked again on this side (once per wording)."""
        if raw != self._names_seen or not self._names:
            names = raw.decode(errors="replace").split("\0") if raw else []
            if len(names) > wire.MOST_COMPONENTS or len(set(names)) < len(names):
                raise RewardFailure(Finding(rule="bad-component-name", message="Too many or repeated component names."))
            for name in names:
                if not re.fullmatch(wire.NAME, name):
                    shown = _plain(name)[:60]
                    raise RewardFailure(
                        Finding(rule="bad-component-name", message=f"The component name {shown!r} is not a plain name.")
                    )
            self._names_seen, self._names = raw, names
        return self._names

    def _not_finite(self, name: str, column: Array) -> Finding:
        row = int(np.flatnonzero(~np.isfinite(column))[0])
        seen = []
        if name != "the memory":
            for field, shape in self._fields.items():
                if shape == ():
                    seen.append(f"{field} {self._in[self._offsets[f'next_state/{field}'] + row]:.4g}")
        where = f" There next_state has {', '.join(seen[:6])}." if seen else ""
        what = name if name.startswith("the ") else f"component {name!r}"
        bad = int((~np.isfinite(column)).sum())
        return Finding(
            rule="not-finite",
            message=f"{what.capitalize()} is {column[row]} on {bad} of {len(column)} rows.{where}",
            cure="Guard divisions, logarithms, square roots and exponentials: np.maximum(x, 1e-6), np.clip.",
        )

    # ------------------------------------------------------------ waiting, with a deadline in CPU-time

    def _answer(self, deadline_s: float) -> tuple[int, bytes]:
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
                raise RewardFailure(_crashed())
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
            raise RewardFailure(_crashed()) from None
        if not data:
            raise RewardFailure(_crashed())
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
        if self._closed:
            return
        self._spent, self.peak = self.cpu_s, _peak_of(self.pid)
        self._closed = True
        self.kill()
        del self._in, self._out
        self._given.close()
        self._result.close()
        for fd in (self._requests, self._answers, self._handle):
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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


def _too_slow(message: str) -> Finding:
    return Finding(rule="too-slow", message=message, cure="Use vectorised NumPy; no loops over the batch.")


def _crashed() -> Finding:
    return Finding(
        rule="crashed",
        message="The reward process died while it ran the code.",
        cure="Use plain vectorised NumPy on the inputs.",
    )


def _finding(payload: bytes) -> Finding:
    """A failure as the child tells it: text, capped, control characters escaped."""
    rule, _, rest = payload.decode(errors="replace").partition("\0")
    line, _, text = rest.partition("\0")
    known = rule if rule in CURES else "raised"
    number = int(line) if line.isascii() and line.isdigit() and int(line) > 0 else None
    return Finding(rule=known, message=_plain(text)[: wire.LONGEST_MESSAGE], cure=CURES[known], line=number)


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
