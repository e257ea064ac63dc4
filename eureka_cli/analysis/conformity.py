"""Are two recordings the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eureka_cli.core import Array


def same(one: Array, other: Array) -> bool:
    """Bit for bit, NaN equal to NaN."""
    return np.array_equal(np.asarray(one, float), np.asarray(other, float), equal_nan=True)


def spoilt(one: Mapping[str, Array], other: Mapping[str, Array]) -> str:
    """The first name under which two recordings differ; empty where none does."""
    return next((name for name, values in one.items() if not same(values, other[name])), "")
