"""What the rules of COMBINE say: components to a total, as pure functions of arrays, of NumPy or of JAX.

Needs nothing but NumPy, so that an exported reward can take it along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any
SPARSE_WEIGHT, DENSE_WEIGHT = 1.0, 0.1
"""Li et al. 2024 (Auto MC-Reward): the model chooses signs, never magnitudes."""
THRESHOLD = 0.8


def total(rule: str, components: Mapping[str, Array], threshold: float = THRESHOLD, xp: Any = np) -> Array:
    """The total of components, all of one shape. Raises KeyError where the rule needs a name that is not there."""
    return RULES[rule](xp, components, threshold)


def _stacked(xp: Any, components: Mapping[str, Array]) -> Array:
    return xp.stack(list(components.values()))


def _sum(xp: Any, components: Mapping[str, Array], threshold: float) -> Array:
    return xp.asarray(xp.sum(_stacked(xp, components), axis=0))


def _signs(xp: Any, components: Mapping[str, Array], threshold: float) -> Array:
    """sgn(sparse) + 0.1 sgn(dense) (Li et al. 2024, Auto MC-Reward)."""
    return xp.asarray(SPARSE_WEIGHT * xp.sign(components["sparse"]) + DENSE_WEIGHT * xp.sign(components["dense"]))


def _gated(xp: Any, components: Mapping[str, Array], threshold: float) -> Array:
    """Stages in order, each in [0, 1]: one counts while all before it have reached the threshold.

    After G-RA's gated accumulation in its stage form. A closed gate takes later stages away, so going back never pays.
    """
    stages = xp.clip(_stacked(xp, components), 0.0, 1.0)
    reached = xp.cumprod(stages >= threshold, axis=0)
    gates = xp.concatenate([xp.ones_like(stages[:1]), reached[:-1]])
    return xp.asarray((gates * stages).sum(axis=0))


def _multiplicative(xp: Any, components: Mapping[str, Array], threshold: float) -> Array:
    """progress times every factor in [0, 1], plus terminal where there is one (Jaeger et al. 2025, CaRL)."""
    result = components["progress"]
    for name, values in components.items():
        if name not in ("progress", "terminal"):
            result = result * xp.clip(values, 0.0, 1.0)
    return xp.asarray(result + components.get("terminal", 0.0))


RULES: dict[str, Callable[[Any, Mapping[str, Array], float], Array]] = {
    "sum": _sum,
    "signs": _signs,
    "gated": _gated,
    "multiplicative": _multiplicative,
}
