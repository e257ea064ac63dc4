"""Do two measures of the same episodes put them in the same order? Pure functions on arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eureka_cli.analysis.intervals import Interval
from eureka_cli.core import Array

RESAMPLES = 400
Statistic = Callable[[Array, Array], float]


def ranks(values: Array) -> Array:
    """(n,) ranks from 0; ties share their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts + 1) / 2)[inverse])


def spearman(a: Array, b: Array) -> float:
    """Spearman's rank correlation; NaN where either side is constant."""
    left, right = ranks(a), ranks(b)
    left, right = left - left.mean(), right - right.mean()
    size = np.sqrt(np.sum(left**2) * np.sum(right**2))
    return float(np.sum(left * right) / size) if size > 0 else float("nan")


def kendall(a: Array, b: Array) -> float:
    """Kendall's tau-b; NaN where either side is constant."""
    left, right = np.sign(a[:, None] - a[None, :]), np.sign(b[:, None] - b[None, :])
    size = np.sqrt(np.sum(left**2) * np.sum(right**2))
    return float(np.sum(left * right) / size) if size > 0 else float("nan")


def preference(good: Array, poor: Array) -> float:
    """Share of (good, poor) pairs in which the good one has more; ties count half.

    Trajectory preference evaluation (Sun et al. 2024, CARD), and the area under the ROC curve.
    """
    return float(np.mean((good[:, None] > poor[None, :]) + 0.5 * (good[:, None] == poor[None, :])))


def interval(statistic: Statistic, a: Array, b: Array, *, paired: bool, level: float = 0.95) -> Interval:
    """Percentile bootstrap interval over episodes; `paired` draws the same episodes from both sides."""
    rng = np.random.default_rng(0)
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(0, len(a), len(a))
        other = rows if paired else rng.integers(0, len(b), len(b))
        draws.append(statistic(a[rows], b[other]))
    known = np.array([draw for draw in draws if np.isfinite(draw)])
    if not len(known):
        return Interval(float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
