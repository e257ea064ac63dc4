"""How far one distribution lies from another, from samples: Pearson's chi-squared by least squares on the ratio.

uLSIF (Kanamori, Hido and Sugiyama 2009, "A Least-squares Approach to Direct Importance Estimation", JMLR 10): the ratio
w = p/q is a sum of Gaussian kernels; the coefficients that minimise E_q[w^2]/2 - E_p[w] + ridge |coefficients|^2 / 2
solve one linear system. For any w, 2 E_p[w] - E_q[w^2] - 1 <= chi2(p, q) = E_q[(p/q - 1)^2]: what is returned is that
value on rows the coefficients were not fitted to, so it is a *lower* bound up to chance. Where p goes and q never was,
chi2 is infinite and no sample can say so; `outside` tells how much of p lies there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array

KERNELS = 100
WIDTHS = (0.25, 0.5, 1.0, 2.0)
"""In units of the median distance between two rows."""
RIDGES = (1e-3, 1e-2, 1e-1, 1.0)
FOLDS = 5
MOST_ROWS = 2_000
"""Of either side; more are thinned by chance."""
FAR = 0.99
"""A row is outside where q is further away than q is from itself in this share of its rows."""


class Ratio(NamedTuple):
    """Of p over q."""

    chi2: float
    """At least 0, and at most what as many rows of q can show: their number less 1."""
    most: float
    """That number."""
    outside: float
    """Share of p's rows where q has no neighbour as near as its own rows have: there chi2 cannot be seen."""
    width: float
    ridge: float


class Sample(NamedTuple):
    """Rows of one side."""

    rows: Array
    """(n, d)"""
    group: Array
    """(n,) integers; rows of a group depend on each other (steps of one episode) and share a fold."""


def fit(p: Sample, q: Sample, *, seed: int = 0) -> Ratio:
    """chi2(p, q) with kernel width and ridge chosen by cross-validation. Each side needs two groups."""
    rng = np.random.default_rng(seed)
    p, q = _thinned(p, rng), _thinned(q, rng)
    pooled = np.concatenate([p.rows, q.rows]).astype(float)
    spread = pooled.std(axis=0)
    moving = spread > 1e-9 * np.maximum(1.0, np.abs(pooled).max(axis=0))
    if not moving.any():
        return Ratio(0.0, len(q.rows) - 1.0, 0.0, 0.0, 0.0)  # both sides are the same point

    def scaled(rows: Array) -> Array:
        return np.asarray((rows[:, moving] - pooled.mean(axis=0)[moving]) / spread[moving])

    ours, theirs = scaled(p.rows), scaled(q.rows)
    # Half the kernels stand where p is, as in the paper, half where q is: there w has to be small.
    centres = np.concatenate([_some(side, KERNELS // 2, rng) for side in (ours, theirs)])
    apart = [_squares(side, centres) for side in (ours, theirs)]
    scale = float(np.median(np.concatenate(apart)))
    folds = [_folds(side.group, rng) for side in (p, q)]
    found = [
        (_held_out([np.exp(-square / (2 * scale * width**2)) for square in apart], folds), width) for width in WIDTHS
    ]
    (chi2, ridge), width = max(found, key=lambda told: told[0][0])
    most = len(theirs) - 1.0
    return Ratio(float(np.clip(chi2, 0.0, most)), most, _outside(ours, theirs, q.group), width, ridge)


def _held_out(kernels: list[Array], folds: list[Array]) -> tuple[float, float]:
    """Largest 2 E_p[w] - E_q[w^2] - 1 on held-out rows, and its ridge. kernels: of p and of q, (n, k)."""
    ours, theirs = (np.concatenate([np.ones((len(k), 1)), k], axis=1) for k in kernels)
    values = np.zeros((FOLDS, len(RIDGES)))
    for fold in range(FOLDS):
        fitted = [side[which != fold] for side, which in zip((ours, theirs), folds, strict=True)]
        held = [side[which == fold] for side, which in zip((ours, theirs), folds, strict=True)]
        square = fitted[1].T @ fitted[1] / len(fitted[1])
        linear = fitted[0].mean(axis=0)
        for k, ridge in enumerate(RIDGES):
            coefficients = np.linalg.solve(square + ridge * np.eye(len(square)), linear)
            at_p, at_q = held[0] @ coefficients, held[1] @ coefficients
            values[fold, k] = 2 * at_p.mean() - (at_q**2).mean() - 1
    told = values.mean(axis=0)
    best = int(told.argmax())
    return float(told[best]), RIDGES[best]


def _folds(group: Array, rng: np.random.Generator) -> Array:
    """(n,) the fold of every row: whole groups, dealt out in turn."""
    names, place = np.unique(group, return_inverse=True)
    if len(names) < FOLDS:  # too few episodes to keep whole
        place = np.arange(len(group)) * FOLDS // len(group)
        names = np.arange(FOLDS)
    dealt: Array = rng.permutation(len(names)) % FOLDS
    return dealt[place]


def _outside(ours: Array, theirs: Array, group: Array) -> float:
    """How much of p has no neighbour in q within the distance at which rows of q have one in another episode."""
    own = _squares(theirs, theirs)
    own[group[:, None] == group[None, :]] = np.inf
    nearest = own.min(axis=1)
    known = nearest[np.isfinite(nearest)]
    if not len(known):
        return 0.0
    reach = np.quantile(known, FAR)
    return float(np.mean(_squares(ours, theirs).min(axis=1) > reach))


def _thinned(side: Sample, rng: np.random.Generator) -> Sample:
    if len(side.rows) <= MOST_ROWS:
        return side
    kept = np.sort(rng.choice(len(side.rows), MOST_ROWS, replace=False))
    return Sample(side.rows[kept], side.group[kept])


def _some(rows: Array, count: int, rng: np.random.Generator) -> Array:
    chosen: Array = rows[rng.choice(len(rows), min(count, len(rows)), replace=False)]
    return chosen


def _squares(left: Array, right: Array) -> Array:
    """(n, m) squared distances."""
    square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :] - 2 * left @ right.T
    return np.asarray(np.maximum(square, 0.0))
