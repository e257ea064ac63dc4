"""Statistics over tasks, runs and seeds: IQM, probability of improvement, performance profiles, with intervals.

Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge of the Statistical Precipice"; on tables with as many
runs in every task the numbers are those of their `rliable`. Where tables are ragged every task counts the same, in it
every unit, in it every score: otherwise a side would look better for having more runs where scores are high.

Percentile bootstrap intervals of few scores are too narrow (docs/statistics.md has the measured coverage); therefore
no verdict rests on one alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array

Unit = Sequence[float] | Array
"""Scores that belong together: the fresh seeds of one run, or a single score."""
Table = Sequence[Sequence[Unit]]
"""Tasks, each a list of units."""
Sample = list[tuple[Array, Array]]
"""Per task: rows of scores (R, n), and the weights (n,) of the columns, which sum to one."""

RESAMPLES = 10_000
SIGNIFICANT = 0.05


class Estimate(NamedTuple):
    """A value with its 95% interval; arrays in a profile."""

    value: float
    low: float
    high: float


class Profile(NamedTuple):
    """Share of scores above each tau, with a pointwise 95% band. All (taus,)."""

    share: Array
    low: Array
    high: Array


def of_seeds(scores: Unit) -> Table:
    """The table of one task in which every score stands alone."""
    return [[[score] for score in scores]]


# ---------------------------------------------------------------- estimates


def iqm(table: Table, *, seed: int = 0) -> Estimate:
    """Interquartile mean over all scores, with a bootstrap interval stratified by task."""
    return Estimate(*map(float, _estimate(_iqm, table, seed=seed)))


def difference(ours: Table, theirs: Table, *, seed: int = 0) -> Estimate:
    """IQM(ours) - IQM(theirs), the two sides resampled independently."""
    return Estimate(*map(float, _estimate(lambda left, right: _iqm(left) - _iqm(right), ours, theirs, seed=seed)))


def probability_of_improvement(ours: Table, theirs: Table, *, seed: int = 0) -> Estimate:
    """Mean over tasks of P(a score of ours exceeds one of theirs), ties counting half (Mann-Whitney U / nm)."""
    _must_share_tasks(ours, theirs)
    return Estimate(*map(float, _estimate(_chance, ours, theirs, seed=seed)))


def profile(table: Table, taus: Sequence[float] | Array, *, seed: int = 0) -> Profile:
    """Share of scores above each tau, over tasks (the run-score distribution of Agarwal et al.)."""

    def shares(sample: Sample) -> Array:
        return np.stack([np.mean([(rows > tau) @ weights for rows, weights in sample], axis=0) for tau in taus], axis=1)

    return Profile(*_estimate(shares, table, seed=seed))


def percentiles(table: Table, shares: Sequence[float], *, seed: int = 0) -> list[Estimate]:
    """For each share, the smallest score that so many of all scores do not exceed (by weight), with an interval."""
    columns = _estimate(lambda sample: _percentiles(sample, np.asarray(shares)), table, seed=seed)
    return [Estimate(*map(float, row)) for row in zip(*columns, strict=True)]


def _estimate(statistic: Callable[..., Array], *tables: Table, seed: int) -> tuple[Array, Array, Array]:
    """The statistic of the tables as they are, and the 2.5% and 97.5% quantiles over resampled ones."""
    rng = np.random.default_rng(seed)
    value = statistic(*(_as_it_is(table) for table in tables))[0]
    low, high = np.quantile(statistic(*(_resampled(table, rng) for table in tables)), [0.025, 0.975], axis=0)
    return value, low, high


def _iqm(sample: Sample) -> Array:
    """(R,). Trims floor(N/4) of N scores at each end, as scipy's trim_mean does; by weight where weights differ."""
    values, mass = _pooled(sample)
    trim = (values.shape[1] // 4) / values.shape[1]
    upper = np.cumsum(mass, axis=1)
    kept = np.clip(np.minimum(upper, 1 - trim) - np.maximum(upper - mass, trim), 0, None)
    mean: Array = (kept * values).sum(axis=1) / kept.sum(axis=1)
    return mean


def _pooled(sample: Sample) -> tuple[Array, Array]:
    """Scores of all tasks, ascending, and what they weigh, which sums to one. Both (R, n)."""
    values = np.concatenate([rows for rows, _ in sample], axis=1)
    weights = np.concatenate([weights for _, weights in sample]) / len(sample)
    order = np.argsort(values, axis=1)
    return np.take_along_axis(values, order, axis=1), weights[order]


def _percentiles(sample: Sample, shares: Array) -> Array:
    """(R, shares)."""
    values, mass = _pooled(sample)
    below = np.cumsum(mass, axis=1)
    first = np.stack([(below < share - 1e-9).sum(axis=1) for share in shares], axis=1)
    found: Array = np.take_along_axis(values, np.minimum(first, values.shape[1] - 1), axis=1)
    return found


def _chance(ours: Sample, theirs: Sample) -> Array:
    """(R,) probability of improvement, column by column of theirs to keep arrays small."""
    per_task = []
    for (left, ours_weigh), (right, theirs_weigh) in zip(ours, theirs, strict=True):
        columns = zip(right.T[:, :, None], theirs_weigh, strict=True)
        per_task.append(sum(weight * (_wins(left, column) @ ours_weigh) for column, weight in columns))
    mean: Array = np.mean(per_task, axis=0)
    return mean


def _wins(left: Array, right: Array) -> Array:
    wins: Array = (left > right) + 0.5 * (left == right)
    return wins


# ---------------------------------------------------------------- resampling


def _weights(units: Sequence[Unit]) -> Array:
    return np.concatenate([np.full(len(unit), 1 / (len(units) * len(unit))) for unit in units])


def _as_it_is(table: Table) -> Sample:
    return [(np.concatenate([np.asarray(unit, float) for unit in units])[None], _weights(units)) for units in table]


def _resampled(table: Table, rng: np.random.Generator) -> Sample:
    """Within each task, every unit's place is taken by a random unit, and its scores by random ones of that unit.

    With one score a unit that is rliable's stratified bootstrap; with one unit a task it resamples scores alone.
    """
    return [
        (np.concatenate([_drawn(units, len(unit), rng) for unit in units], axis=1), _weights(units)) for units in table
    ]


def _drawn(units: Sequence[Unit], count: int, rng: np.random.Generator) -> Array:
    """(RESAMPLES, count) scores, each row from one unit."""
    sizes = np.array([len(unit) for unit in units])
    padded = np.zeros((len(units), sizes.max()))
    for row, unit in zip(padded, units, strict=True):
        row[: len(unit)] = unit
    chosen = rng.integers(0, len(units), RESAMPLES)
    columns = rng.integers(0, sizes[chosen][:, None], (RESAMPLES, count))
    drawn: Array = padded[chosen[:, None], columns]
    return drawn


# ---------------------------------------------------------------- verdicts


def verdict(ours: Table, theirs: Table, shown: Estimate, *, neutral: float = 0.0, unit: str = "seeds") -> str:
    """`better` or `worse` where the interval shown leaves out `neutral` and chance seldom does as much, else why not.

    The second test exchanges units between the sides within each task, which holds its 5% with few units (exactly for
    sides alike but for chance; Mann-Whitney's test where there is one task of single scores).
    """
    ways = math.prod(math.comb(len(a) + len(b), len(a)) for a, b in zip(ours, theirs, strict=True))
    if 2 / ways > SIGNIFICANT:
        return f"too few {unit} to tell"
    if shown.low <= neutral <= shown.high or exchange_test(ours, theirs) > SIGNIFICANT:
        return "not distinguishable"
    return "better" if shown.low > neutral else "worse"


def exchange_test(ours: Table, theirs: Table, *, seed: int = 0) -> float:
    """Two-sided p of the probability of improvement under random exchange of units between the sides of each task."""
    _must_share_tasks(ours, theirs)
    rng = np.random.default_rng(seed)
    seen, chance = np.zeros(1), np.zeros(RESAMPLES)
    for mine, others in zip(ours, theirs, strict=True):
        units = [np.asarray(unit, float) for unit in (*mine, *others)]
        wins = np.array([[_wins(a[:, None], b).mean() for b in units] for a in units])
        given = (np.arange(len(units)) < len(mine))[None]
        exchanged = rng.random((RESAMPLES, len(units))).argsort(axis=1) < len(mine)
        seen, chance = seen + _share(given, wins), chance + _share(exchanged, wins)
    middle = len(ours) / 2
    as_much = np.abs(chance - middle) >= np.abs(seen - middle) - 1e-9
    return float((1 + as_much.sum()) / (1 + RESAMPLES))


def _share(side: Array, wins: Array) -> Array:
    """(R,) mean of wins[i, j] over i on our side and j on the other. side: (R, units) bool."""
    pairs = side.sum(axis=1) * (~side).sum(axis=1)
    share: Array = ((side @ wins) * ~side).sum(axis=1) / pairs
    return share


def _must_share_tasks(ours: Table, theirs: Table) -> None:
    if len(ours) != len(theirs) or not ours:
        raise ValueError(f"Two tables of the same tasks are compared, got {len(ours)} and {len(theirs)} tasks.")
