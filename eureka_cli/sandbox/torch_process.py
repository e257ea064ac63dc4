"""The trusted side of a reward written in PyTorch: named arguments in, validated rewards out. No PyTorch here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from eureka_cli.core import Array, Finding, Rewards
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox import wire
from eureka_cli.sandbox.confined import Confined, component_names, crashed, finding
from eureka_cli.sandbox.zygote import Zygote

__all__ = ["TorchProcess", "Zygote"]

ALIGNED = 64
"""Bytes; where tensors begin."""
SHORTEST_DEADLINE_S = 1.0
SECONDS_PER_ROW = 1e-4
"""Bound the CPU-time of loading the code and of one call."""
KINDS = {"f": np.float32, "i": np.int64, "u": np.int64, "b": np.bool_}
"""Tensors are handed over as Isaac Gym has them: float32, int64, bool."""
CURES = {
    "wrong-type": "Return (total, components): total a tensor (B,), components a dict of tensors (B,).",
    "wrong-shape": "Keep the batch on axis 0: reduce vectors with dim=-1, index columns as x[:, 0].",
    "no-entry-point": "Define the function, or name another with --entry.",
}

Value = Array | float | int | bool | str
Arguments = Mapping[str, Value | Mapping[str, Value]]
"""Argument name to what it is given: an array becomes a tensor, a mapping a dict."""


class Placed(NamedTuple):
    """Arguments as the process is told of them, the arrays and where each lies in the buffer, and its bytes."""

    told: list[dict[str, Any]]
    arrays: list[tuple[int, Array]]
    size: int


class TorchProcess:
    """One reward in its own locked process of a zygote with PyTorch. Use as a context manager."""

    def __init__(
        self,
        zygote: Zygote,
        code: str,
        arguments: Arguments,
        *,
        rows: int,
        entry: str = "compute_reward",
        raw_builtins: bool = False,
    ) -> None:
        """`rows` is B. Raises RewardFailure where the code does not load."""
        placed = _placed(arguments)
        self._rows = rows
        floats = rows * (1 + wire.MOST_COMPONENTS)
        self._process = Confined(zygote, max(placed.size, ALIGNED), floats * wire.FLOAT)
        self._out = np.frombuffer(self._process.result, np.float64)
        for offset, array in placed.arrays:
            self._process.given[offset : offset + array.nbytes] = array.tobytes()
        setup = {"code": code, "arguments": placed.told, "rows": rows, "entry": entry, "raw": raw_builtins}
        try:
            self._process.set_up(json.dumps(setup).encode(), SHORTEST_DEADLINE_S)
        except RewardFailure as failure:
            self.close()
            raise RewardFailure(_cured(failure.finding)) from None
        except BaseException:
            self.close()
            raise

    def score(self) -> Rewards:
        """Rewards (1, B) of the arguments. Raises RewardFailure with a finding, never returns NaN."""
        self._process.call(b"")
        kind, payload = self._process.answer(max(SHORTEST_DEADLINE_S, self._rows * SECONDS_PER_ROW))
        if kind != wire.RESULT:
            raise RewardFailure(_cured(finding(payload)))
        if len(payload) < wire.WIDTH.size:
            raise RewardFailure(crashed())
        names = component_names(payload[wire.WIDTH.size :])
        columns = [np.array(self._out[k * self._rows : (k + 1) * self._rows]) for k in range(len(names) + 1)]
        for name, column in zip(["The total", *names], columns, strict=True):
            if not np.isfinite(column).all():
                bad = int((~np.isfinite(column)).sum())
                message = f"{name} is not finite on {bad} of {len(column)} rows."
                cure = "Guard divisions, logarithms and exponentials: torch.clamp(x, min=1e-6)."
                raise RewardFailure(Finding(rule="not-finite", message=message, cure=cure))
        components = {name: column[None] for name, column in zip(names, columns[1:], strict=True)}
        return Rewards(columns[0][None], components, None)

    @property
    def level(self) -> str:
        """The isolation in force."""
        return self._process.level

    def close(self) -> None:
        self.__dict__.pop("_out", None)
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _placed(arguments: Arguments) -> Placed:
    arrays: list[tuple[int, Array]] = []
    position = 0

    def told(name: str, value: Any) -> dict[str, Any]:
        nonlocal position
        if isinstance(value, Mapping):
            return {"name": name, "fields": [told(key, part) for key, part in value.items()]}
        if not isinstance(value, np.ndarray):
            return {"name": name, "value": value}
        array: Array = np.ascontiguousarray(value, KINDS[value.dtype.kind])
        offset, position = position, -(-(position + array.nbytes) // ALIGNED) * ALIGNED
        arrays.append((offset, array))
        return {"name": name, "dtype": array.dtype.str, "shape": list(value.shape), "offset": offset}

    facts = [told(name, value) for name, value in arguments.items()]
    return Placed(facts, arrays, position)


def _cured(found: Finding) -> Finding:
    return found.model_copy(update={"cure": CURES.get(found.rule, found.cure).replace("NumPy", "PyTorch")})
