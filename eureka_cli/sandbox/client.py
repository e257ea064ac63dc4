"""The trusted side of a reward process: have it forked, score rollouts, believe only floats, close it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import numpy as np

from eureka_cli import combiners
from eureka_cli.combiners import Combine
from eureka_cli.core import Array, Finding, Rewards, Rollout
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox import wire
from eureka_cli.sandbox.confined import Confined, component_names, crashed, finding
from eureka_cli.sandbox.zygote import Zygote

__all__ = ["RewardProcess", "Zygote"]

SHORTEST_DEADLINE_S = 1.0


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
        self._offsets, input_floats = wire.input_layout(self._fields, action_shape, rows)
        self._process = Confined(zygote, input_floats * wire.FLOAT, wire.output_floats(rows) * wire.FLOAT)
        self._in = np.frombuffer(self._process.given, np.float64)
        self._out = np.frombuffer(self._process.result, np.float64)
        setup = {
            "code": code,
            "fields": [[name, list(shape)] for name, shape in self._fields.items()],
            "action_shape": list(action_shape),
            "rows": rows,
            "combined": combine is not None,
            "raw": raw_builtins,
        }
        try:
            self.has_memory = self._process.set_up(json.dumps(setup).encode(), SHORTEST_DEADLINE_S) == wire.WITH_MEMORY
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------ scoring

    def score(self, rollout: Rollout, memory: Array | None = None) -> Rewards:
        """Rewards of a (T, N) rollout in one call. Raises RewardFailure with a finding, never returns NaN."""
        steps, count = rollout.starts.shape
        rows = steps * count
        if rows > self._rows:
            raise ValueError(f"{rows} transitions in a call; this process was made for {self._rows}.")
        self._hand_over(rollout, memory, rows)
        width = 0 if memory is None else memory.shape[1]
        self._process.call(wire.CALL.pack(steps, count, int(memory is not None), width))
        kind, payload = self._process.answer(max(SHORTEST_DEADLINE_S, rows * self._seconds_per_row))
        if kind != wire.RESULT:
            raise RewardFailure(self._told(payload))
        return self._rewards(payload, steps, count)

    def _told(self, payload: bytes) -> Finding:
        found = finding(payload)
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
        if len(payload) < wire.WIDTH.size:
            raise RewardFailure(crashed())
        names = self._checked_names(payload[wire.WIDTH.size :])
        width = min(wire.WIDTH.unpack(payload[: wire.WIDTH.size])[0], wire.LARGEST_MEMORY)
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
            self._names_seen, self._names = raw, component_names(raw)
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

    # ------------------------------------------------------------ the process itself

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def level(self) -> str:
        """The isolation in force."""
        return self._process.level

    @property
    def cpu_s(self) -> float:
        """CPU-seconds the process has used, by the kernel's account, not its own."""
        return self._process.cpu_s

    @property
    def peak(self) -> int:
        """The most bytes it held, once closed."""
        return self._process.peak

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            del self._in, self._out
            self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
