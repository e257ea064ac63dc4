"""Recorded states for a torch reward: one array for each of its arguments, by name."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eureka_cli import arrays
from eureka_cli.core import Array
from eureka_cli.errors import UsageError


class Call(NamedTuple):
    """What a reward is called with."""

    arguments: dict[str, Any]
    """Argument to its array, plain number or text, or dict of these."""
    rows: int
    """B: the leading extent that most of its arrays share."""


def load(file: Path) -> dict[str, Array]:
    """Arrays of an .npz by name. Nothing is unpickled."""
    return arrays.read(file, "Save it with numpy.savez(FILE, name=array, ...).")


def call(function: ast.FunctionDef, states: Mapping[str, Array]) -> Call:
    """Arguments of a reward from recorded arrays; `name/key` gives one entry of a dict argument.

    Arrays without axes become plain numbers unless the argument is annotated as a tensor.
    """
    given, missing = {}, []
    positional = function.args.args
    optional = {argument.arg for argument in positional[len(positional) - len(function.args.defaults) :]}
    for argument in positional:
        name = argument.arg
        tensor = argument.annotation is not None and "Tensor" in ast.unparse(argument.annotation)
        parts = {key.removeprefix(f"{name}/"): value for key, value in states.items() if key.startswith(f"{name}/")}
        if name in states:
            given[name] = _value(states[name], tensor)
        elif parts:
            given[name] = {key: _value(value) for key, value in parts.items()}
        elif name not in optional:
            missing.append(name)
    if missing:
        known = ", ".join(sorted(states)) or "nothing"
        raise UsageError(f"{function.name} takes {', '.join(missing)}, which the states lack. They hold: {known}.")
    leading = Counter(value.shape[0] for value in given.values() if isinstance(value, np.ndarray) and value.ndim)
    if not leading:
        raise UsageError(f"{function.name} gets no array with rows: the states hold plain numbers alone.")
    rows = max(leading, key=lambda extent: (leading[extent], extent))
    return Call(given, rows)


def _value(array: Array, tensor: bool = False) -> Any:
    if array.dtype.kind not in "fiubU" or (array.dtype.kind == "U" and array.ndim):
        raise UsageError(f"States are numbers, yes or no, or one text, not {array.dtype}.")
    return array if array.ndim or tensor else array.item()
