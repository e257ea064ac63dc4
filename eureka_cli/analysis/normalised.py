"""Human-normalised scores: how far from the sparse reward's fitness to the human reward's (Ma et al. 2024, App. D)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.analysis.intervals import iqm, verdict
from eureka_cli.core import Array

CLIP = (0.0, 3.0)
SMALL_SPAN = 0.05
"""A denominator is small when human and sparse differ by less than this share of the larger."""


class Scale(NamedTuple):
    """What a task's fitness is normalised by."""

    zero: float
    """Fitness of the sparse reward."""
    span: float
    """|human - sparse|, never zero."""
    warning: str
    """Why the normalised score is to be read with care; empty where nothing speaks against it."""

    def raw(self, fitness: Sequence[float] | Array | float) -> Array:
        """(fitness - sparse) / |human - sparse|."""
        return (np.asarray(fitness, float) - self.zero) / self.span


def scale(human: Sequence[float], sparse: Sequence[float]) -> Scale | None:
    """The scale of a task by the scores of its two baselines over seeds; None where their IQMs are the same."""
    top, zero = float(iqm(human)), float(iqm(sparse))
    span = abs(top - zero)
    return Scale(zero, span, _warning(human, sparse, top, zero)) if span > 0 else None


def clipped(raw: Array | float) -> Array:
    return np.clip(raw, *CLIP)


def _warning(human: Sequence[float], sparse: Sequence[float], top: float, zero: float) -> str:
    if abs(top - zero) < SMALL_SPAN * max(abs(top), abs(zero)):
        return f"the human and the sparse reward differ by less than {SMALL_SPAN:.0%}"
    said = verdict(human, sparse)
    if said == "not distinguishable":
        return "the human and the sparse reward are not distinguishable"
    if said not in ("better", "worse"):
        return "too few seeds to tell the human from the sparse reward"
    return "the human reward is worse than the sparse one" if top < zero else ""
