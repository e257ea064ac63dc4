"""State as a person's env.py over a Gymnasium id declares and reads it (see gymnasium.py)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from eureka_cli.core import Array, State
from eureka_cli.errors import UsageError
from eureka_cli.simulators.gym_fields import ALWAYS, Live


def check(module: ModuleType) -> None:
    """UsageError for an env.py that lacks what a State over a Gymnasium id is made of."""
    if not hasattr(module, "State"):
        raise UsageError(f"{module.__file__} has no class State. Declare one, with `time` and `terminated` first.")
    if missing := [name for name in ALWAYS if name not in module.State._fields]:
        raise UsageError(f"State in {module.__file__} lacks {missing[0]!r}. Every State has `time` and `terminated`.")
    if not hasattr(module, "read"):
        raise UsageError(f"{module.__file__} has no function read(env, observation). It says where fields come from.")


def read(module: ModuleType, live: Live, time: Array, terminated: Array) -> State:
    """The module's State of all environments. UsageError where `read` and State do not fit."""
    rows = [_one(module, inner, seen) for inner, seen in zip(live.inners, live.observations, strict=True)]
    wanted = [name for name in module.State._fields if name not in ALWAYS]
    _check(module, wanted, rows[0])
    columns = {name: _column(module, name, [row[name] for row in rows]) for name in wanted}
    return module.State(time=time, terminated=terminated, **columns)


def _one(module: ModuleType, inner: Any, observation: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = module.read(inner, observation)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise UsageError(f"read in {module.__file__} failed: {type(error).__name__}: {error}. Correct it.") from None
    return found


def _check(module: ModuleType, wanted: list[str], row: Any) -> None:
    file = module.__file__
    if not isinstance(row, dict):
        raise UsageError(f"read in {file} must return a dict of field name to value; it returned {type(row).__name__}.")
    if missing := [name for name in wanted if name not in row]:
        raise UsageError(f"read in {file} gives no {missing[0]!r}, which State declares. Add it there.")
    if unknown := [name for name in row if name not in wanted]:
        own = " It is filled in for you." if unknown[0] in ALWAYS else " Declare it, with a comment."
        raise UsageError(f"read in {file} gives {unknown[0]!r}, which State does not declare.{own}")


def _column(module: ModuleType, name: str, values: list[Any]) -> Array:
    try:
        return np.array(values, float)
    except (TypeError, ValueError):
        cure = "It must be a number, or an array of always the same shape."
        raise UsageError(f"read in {module.__file__} gives {name!r} as {values[0]!r}. {cure}") from None
