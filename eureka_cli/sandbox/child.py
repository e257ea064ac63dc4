"""The untrusted side: a program, started as `python -I -S child.py` with an empty environment. Nothing imports it.

First a zygote that holds NumPy and never runs reward code; it forks one process per reward, which locks itself,
proves the lock, and only then executes the code it is sent.
"""

from __future__ import annotations

import json
import os
import sys

GIVEN = json.loads(sys.argv[1])
"""From the client: the socket, where NumPy and reward_math are, which lock to put on, and its own namespaces."""
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), GIVEN["numpy_home"]]
sys.path += GIVEN["torch_home"]

import builtins  # noqa: E402
import collections  # noqa: E402
import contextlib  # noqa: E402
import gc  # noqa: E402
import mmap  # noqa: E402
import re  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import lock  # type: ignore[import-not-found]  # noqa: E402
import numpy as np  # noqa: E402
import reward_code  # type: ignore[import-not-found]  # noqa: E402
import wire  # type: ignore[import-not-found]  # noqa: E402
from reward_code import Refused, kind  # noqa: E402

if GIVEN["torch_home"]:
    import torch_reward  # type: ignore[import-not-found]

UNCONFINED = "none"


# ---------------------------------------------------------------- the zygote


def main() -> None:
    """Fork a reward process for every request until the socket closes."""
    lock.die_with_parent()
    server = socket.socket(fileno=GIVEN["socket"])
    promise = promised()
    if "level" in promise:
        reward_code.load_reward_math(GIVEN["reward_math"])
        warm_up()
        if GIVEN["torch_home"]:
            torch_reward.prepare(GIVEN["torch_utils"])
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, all that is shared with it
    lock.silence()
    server.send(json.dumps(promise).encode())
    poll = select.poll()
    poll.register(server, select.POLLIN)
    children: dict[int, tuple[int, int, int]] = {}
    while True:
        for fd, event in poll.poll():
            if fd == server.fileno():
                data, fds, _, _ = socket.recv_fds(server, 64, 5)
                if not data:
                    return
                pid, handle, answers = spawn(server, fds, *wire.SPAWN.unpack(data))
                children[handle] = children[answers] = (pid, handle, answers)
                poll.register(handle, select.POLLIN)
                poll.register(answers, 0)  # POLLERR comes when the client is gone
            elif fd in children:
                pid, handle, answers = children[fd]
                if fd == answers and event:
                    os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                for old in (handle, answers):
                    poll.unregister(old)
                    os.close(old)
                    del children[old]


def spawn(server: socket.socket, fds: list[int], input_size: int, output_size: int) -> tuple[int, int, int]:
    """Fork; the child never returns. Gives its pid, a pidfd of it and our copy of its answer pipe."""
    requests, answers, input_fd, output_fd, birth = fds
    pid = os.fork()
    if pid:
        handle = os.pidfd_open(pid)
        with socket.socket(fileno=birth) as channel, contextlib.suppress(OSError):
            socket.send_fds(channel, [b"\0"], [handle])
        for fd in (requests, input_fd, output_fd):
            os.close(fd)
        return pid, handle, answers
    try:
        server.close()
        given = mmap.mmap(input_fd, input_size, prot=mmap.PROT_READ)
        result = mmap.mmap(output_fd, output_size)
        lock.shut({requests, answers})
        level = UNCONFINED if GIVEN["unconfined"] else lock.confine(kill=GIVEN["kill"])
        wire.write_all(answers, wire.frame(wire.HELLO, level.encode()))
        serve(requests, answers, given, result)
    except EOFError:
        pass
    finally:
        os._exit(0)


def promised() -> dict[str, str]:
    """What holds a child here: the second wall looked at, the lock tried once in a child of its own."""
    try:
        lock.check_wall(GIVEN["outside"])
    except lock.Unconfined as error:
        return {"refused": str(error)}
    if GIVEN["unconfined"]:
        return {"level": UNCONFINED}
    out, back = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            lock.shut({back})
            said = {"level": lock.confine()}
        except (lock.Unconfined, OSError) as error:
            said = {"refused": str(error)}
        os.write(back, json.dumps(said).encode())
        os._exit(0)
    os.close(back)
    answer = os.read(out, 4096)
    os.close(out)
    os.waitpid(pid, 0)
    found: dict[str, str] = json.loads(answer) if answer else {"refused": "the child died while locking itself"}
    return found


def warm_up() -> None:
    """Have NumPy load what it loads lazily: after the lock no file can be opened."""
    np.seterr(all="ignore")
    a = np.linspace(0.1, 1, 64).reshape(8, 8) + np.eye(8)
    for work in (np.linalg.norm, np.linalg.inv, np.linalg.det, np.linalg.eigvalsh, np.median, np.std):
        work(a)
    np.linalg.norm(a, axis=1)
    np.percentile(a, 50)
    np.einsum("ij,ij->i", a, a)
    (a**2).sum(axis=1).mean(keepdims=True).astype(np.float32)
    np.tensordot(a, a, 1)
    np.where(a > 0, a, 0).clip(0, 1)
    np.interp(a[0], np.sort(a[0]), a[1])
    np.unwrap(a[0])
    np.array2string(a)
    str(a)


# ---------------------------------------------------------------- a reward process


def serve(requests: int, answers: int, given: mmap.mmap, result: mmap.mmap) -> None:
    """Load the code of the setup frame, then score every call until the client closes."""
    _, payload = wire.read_frame(requests)
    setup = json.loads(payload)
    out = np.frombuffer(result, np.float64)
    if "arguments" in setup:
        return serve_torch(requests, answers, setup, given, out)
    fields = {name: tuple(shape) for name, shape in setup["fields"]}
    floats = np.frombuffer(given, np.float64)
    try:
        reward = Reward(setup, fields)
    except BaseException as error:  # whatever the code does, the answer is a sentence
        wire.write_all(answers, wire.frame(wire.FAILED, reward_code.complaint(error)))
        return
    memory = wire.WITHOUT_MEMORY if reward.initial_memory is None else wire.WITH_MEMORY
    wire.write_all(answers, wire.frame(wire.READY, memory))
    while True:
        _, payload = wire.read_frame(requests)
        steps, count, has_memory, width = wire.CALL.unpack(payload)
        try:
            names, width = reward.score(floats, out, steps, count, width if has_memory else None)
            answer = wire.frame(wire.RESULT, wire.WIDTH.pack(width) + "\0".join(names).encode())
        except BaseException as error:  # as above
            answer = wire.frame(wire.FAILED, reward_code.complaint(error))
        wire.write_all(answers, answer)


def serve_torch(requests: int, answers: int, setup: dict[str, Any], given: mmap.mmap, out: np.ndarray) -> None:
    """As `serve`, for a reward in PyTorch: one function of named arguments, no memory."""
    try:
        reward = torch_reward.TorchReward(setup, given, out, checked)
    except BaseException as error:  # as above
        wire.write_all(answers, wire.frame(wire.FAILED, reward_code.complaint(error)))
        return
    wire.write_all(answers, wire.frame(wire.READY, wire.WITHOUT_MEMORY))
    while True:
        wire.read_frame(requests)
        try:
            answer = wire.frame(wire.RESULT, wire.WIDTH.pack(0) + "\0".join(reward.score()).encode())
        except BaseException as error:  # as above
            answer = wire.frame(wire.FAILED, reward_code.complaint(error))
        wire.write_all(answers, answer)


class Reward:
    """The loaded code and the views it computes on."""

    def __init__(self, setup: dict[str, Any], fields: dict[str, tuple[int, ...]]) -> None:
        self._fields, self._action_shape, self._rows = fields, tuple(setup["action_shape"]), setup["rows"]
        self._combined = setup["combined"]
        """The total is made elsewhere, from the components."""
        self._offsets, _ = wire.input_layout(fields, self._action_shape, self._rows)
        self._state = collections.namedtuple("State", list(fields))  # type: ignore[misc]
        scope = reward_code.load(setup["code"], vars(builtins) if setup["raw"] else reward_code.safe_builtins())
        self._compute: Callable[..., Any] = scope["compute_reward"]
        self.initial_memory: Callable[[int], Any] | None = scope.get("initial_memory")

    def score(
        self, floats: np.ndarray, out: np.ndarray, steps: int, count: int, width: int | None
    ) -> tuple[list[str], int]:
        """Compute one rollout; totals, components and memory go to `out`. Returns component names, memory width."""
        rows = steps * count
        state, action, following = self._inputs(floats, rows)
        if self.initial_memory is None:
            total, components = self._call(rows, state, action, following)
            memory = None
        else:
            starts = self._view(floats, "starts", (), rows).reshape(steps, count) != 0
            before = None if width is None else self._view(floats, "memory", (width,), count)
            total, components, memory = self._walk(state, action, following, starts, before)
        out[:rows] = total
        for k, values in enumerate(components.values(), start=1):
            out[k * self._rows : k * self._rows + rows] = values
        if memory is None:
            return list(components), 0
        base = (1 + wire.MOST_COMPONENTS) * self._rows
        out[base : base + memory.size] = memory.ravel()
        return list(components), memory.shape[1]

    def _inputs(self, floats: np.ndarray, rows: int) -> tuple[Any, np.ndarray, Any]:
        sides = []
        for side in ("state", "next_state"):
            views = {name: self._view(floats, f"{side}/{name}", shape, rows) for name, shape in self._fields.items()}
            views["terminated"] = as_bool(views["terminated"])
            sides.append(self._state(**views))
        return sides[0], self._view(floats, "action", self._action_shape, rows), sides[1]

    def _view(self, floats: np.ndarray, name: str, shape: tuple[int, ...], rows: int) -> np.ndarray:
        start = self._offsets[name]
        return floats[start : start + rows * wire.size_of(shape)].reshape(rows, *shape)

    def _call(self, rows: int, *given: object) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        answer = self._compute(*given)
        if self._combined:
            answer = (np.zeros(rows), answer)
        if not isinstance(answer, tuple) or len(answer) != 2:
            raise Refused("wrong-type", f"compute_reward returned {kind(answer)}, not (total, components).")
        return checked(answer[0], answer[1], rows)

    def _walk(
        self, state: Any, action: np.ndarray, following: Any, starts: np.ndarray, memory: np.ndarray | None
    ) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
        """Rewards with memory: step by step, memory of beginning episodes set back to its start."""
        assert self.initial_memory is not None
        steps, count = starts.shape
        initial = as_memory(self.initial_memory(count), count)
        memory = initial.copy() if memory is None else memory.copy()
        totals = np.empty((steps, count))
        columns: dict[str, np.ndarray] = {}
        for t in range(steps):
            rows = slice(t * count, (t + 1) * count)
            memory = np.where(starts[t][:, None], initial, memory)
            now = (type(state)(*(v[rows] for v in state)), action[rows], type(state)(*(v[rows] for v in following)))
            answer = self._compute(*now, memory)
            if self._combined and isinstance(answer, tuple):
                answer = (np.zeros(count), *answer)
            if not isinstance(answer, tuple) or len(answer) != 3:
                raise Refused("wrong-type", f"compute_reward returned {kind(answer)}, not (total, components, memory).")
            totals[t], parts = checked(answer[0], answer[1], count)
            memory = as_memory(answer[2], count)
            for name, values in parts.items():
                columns.setdefault(name, np.zeros((steps, count)))[t] = values
        return totals.ravel(), {name: values.ravel() for name, values in columns.items()}, memory


def checked(total: object, components: object, rows: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Shapes and types as the contract says; a scalar component is spread over the rows."""
    if not isinstance(components, dict):
        raise Refused("wrong-type", f"The components are {kind(components)}, not a dict of arrays.")
    if len(components) > wire.MOST_COMPONENTS:
        raise Refused("too-many-components", f"{len(components)} components; at most {wire.MOST_COMPONENTS}.")
    named = {}
    for name, values in components.items():
        if type(name) is not str or not re.fullmatch(wire.NAME, name):
            raise Refused("bad-component-name", f"The component name {str(name)[:60]!r} is not a plain short name.")
        named[name] = column(f"component {name!r}", values, rows, scalar=True)
    return column("the total", total, rows, scalar=False), named


def column(what: str, values: object, rows: int, *, scalar: bool) -> np.ndarray:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError
        array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise Refused("wrong-type", f"{what.capitalize()} is {kind(values)}, not an array of numbers.") from None
    if scalar and array.ndim == 0:
        return np.full(rows, float(array))
    if array.shape != (rows,):
        raise Refused(
            "wrong-shape", f"{what.capitalize()} has shape {array.shape} for a batch of {rows}; it must be ({rows},)."
        )
    return array


def as_memory(values: object, count: int) -> np.ndarray:
    array = np.asarray(values, np.float64)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or len(array) != count or array.shape[1] > wire.LARGEST_MEMORY:
        raise Refused(
            "wrong-shape", f"Memory has shape {array.shape}; it must be ({count}, K), K at most {wire.LARGEST_MEMORY}."
        )
    return array


def as_bool(values: np.ndarray) -> np.ndarray:
    flags: np.ndarray = values != 0
    flags.flags.writeable = False
    return flags


if __name__ == "__main__":
    main()
