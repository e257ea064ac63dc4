"""Statistics one can trust with few seeds: IQM, bootstrap intervals, probability of improvement.

Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array

RESAMPLES = 10_000
FEWEST = 4
"""Scores a side below which two sides cannot be told apart: even full separation has p > 0.05 (exact test, 3 + 3)."""


class Interval(NamedTuple):
    low: float
    high: float


def iqm(scores: Sequence[float] | Array, axis: int = -1) -> Array:
    """Interquartile mean: the mean of the middle half, along an axis. Trims floor(n/4) at each end."""
    ordered = np.sort(np.asarray(scores, dtype=float), axis=axis)
    count = ordered.shape[axis]
    trim = count // 4
    middle: Array = np.take(ordered, range(trim, count - trim), axis=axis).mean(axis=axis)
    return middle


def bootstrap(
    scores: Sequence[float] | Array, statistic: Callable[..., Array] = iqm, *, level: float = 0.95, seed: int = 0
) -> Interval:
    """Percentile bootstrap interval of a statistic over seeds. scores: (n,)."""
    values = np.asarray(scores, dtype=float)
    rng = np.random.default_rng(seed)
    draws = values[rng.integers(0, len(values), (RESAMPLES, len(values)))]
    low, high = np.quantile(statistic(draws, axis=1), [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def difference(
    ours: Sequence[float] | Array, theirs: Sequence[float] | Array, *, level: float = 0.95, seed: int = 0
) -> Interval:
    """Bootstrap interval of IQM(ours) - IQM(theirs), the two sides resampled independently."""
    rng = np.random.default_rng(seed)
    draws = []
    for side in (ours, theirs):
        values = np.asarray(side, dtype=float)
        draws.append(iqm(values[rng.integers(0, len(values), (RESAMPLES, len(values)))], axis=1))
    low, high = np.quantile(draws[0] - draws[1], [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def verdict(ours: Sequence[float] | Array, theirs: Sequence[float] | Array) -> str:
    """`better` or `worse` where the 95% interval of the difference of IQMs leaves out zero, else what keeps it open."""
    if min(len(ours), len(theirs)) < FEWEST:
        return "too few seeds to tell"
    low, high = difference(ours, theirs)
    return "better" if low > 0 else "worse" if high < 0 else "not distinguishable"


def probability_of_improvement(ours: Sequence[float] | Array, theirs: Sequence[float] | Array) -> float:
    """P(a random score of ours exceeds one of theirs), ties counting half (Mann-Whitney U / nm)."""
    left = np.asarray(ours, dtype=float)[:, None]
    right = np.asarray(theirs, dtype=float)[None, :]
    return float(np.mean((left > right) + 0.5 * (left == right)))


def human_normalised(score: float, *, human: float, sparse: float) -> float | None:
    """(score - sparse) / |human - sparse| (Ma et al. 2024, App. D), unclipped. None where the denominator is zero."""
    span = abs(human - sparse)
    return (score - sparse) / span if span > 0 else None
