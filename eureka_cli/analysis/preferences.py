"""Whom judgements prefer, and how surely: the Bradley-Terry model over rankings, ties counting half.

Bradley & Terry 1952: i is preferred to j with probability 1 / (1 + exp(ability_j - ability_i)).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array

PRIOR_SD = 2.0
"""logits: before any judgement, one of two is preferred in 6% to 94% of cases (one standard deviation of a difference).
It keeps abilities finite where somebody never lost, and holds those together whom nobody compared."""
SURE_Z = 1.96
"""Standard normal quantile of a 95% interval."""
MOST_STEPS = 100
TOLERANCE = 1e-12


class Standing(NamedTuple):
    """One candidate's ability in logits; the mean of all is 0."""

    name: str
    ability: float
    low: float
    high: float
    """95% interval of the ability."""


class Preferences(NamedTuple):
    standings: tuple[Standing, ...]
    """Most preferred first; of equals, the one judged first."""
    surely: float
    """Probability that the first is truly preferred to the second, in [0.5, 1]; 1 where there is one."""
    cycles: tuple[tuple[str, ...], ...]
    """Candidates of whom each is preferred to the next, and the last to the first: no ranking can be true to these."""


def estimate(rankings: Sequence[Sequence[Sequence[str]]]) -> Preferences:
    """Abilities from rankings: groups of names from best to worst, a group of several being a tie.

    Maximum of the posterior under N(0, PRIOR_SD^2); intervals from its curvature (Laplace). They take the comparisons
    that a ranking tells for independent ones, and so are a little too narrow.
    """
    names = list(dict.fromkeys(name for ranking in rankings for group in ranking for name in group))
    wins = _wins(names, rankings)
    ability, covariance = _fit(wins)
    order = sorted(range(len(names)), key=lambda k: -round(float(ability[k]), 9))  # of equals the first judged
    margin = SURE_Z * np.sqrt(np.diag(covariance))
    standings = tuple(
        Standing(names[k], float(ability[k]), float(ability[k] - margin[k]), float(ability[k] + margin[k]))
        for k in order
    )
    return Preferences(standings, _surely(ability, covariance, order), _cycles(names, wins))


def _wins(names: Sequence[str], rankings: Sequence[Sequence[Sequence[str]]]) -> Array:
    """(n, n): how often the row was preferred to the column; a tie is half a win for either."""
    place = {name: k for k, name in enumerate(names)}
    wins = np.zeros((len(names), len(names)))
    for ranking in rankings:
        for rank, group in enumerate(ranking):
            ours = [place[name] for name in group]
            for k in ours:
                wins[k, [other for other in ours if other != k]] += 0.5
                wins[k, [place[name] for worse in ranking[rank + 1 :] for name in worse]] += 1.0
    return wins


def _fit(wins: Array) -> tuple[Array, Array]:
    """Abilities (n,) and their covariance (n, n), by Newton's method on a concave posterior."""
    count = len(wins)
    games, prior = wins + wins.T, np.eye(count) / PRIOR_SD**2

    def curvature(ability: Array) -> tuple[Array, Array]:
        expected = 1 / (1 + np.exp(ability[None, :] - ability[:, None]))
        spread = games * expected * (1 - expected)
        return expected, np.diag(spread.sum(axis=1)) - spread + prior

    ability = np.zeros(count)
    for _ in range(MOST_STEPS):
        expected, hessian = curvature(ability)
        step = np.linalg.solve(hessian, (wins - games * expected).sum(axis=1) - prior @ ability)
        ability = ability + np.clip(step, -1.0, 1.0)  # a full step may overshoot where somebody won very often
        if np.abs(step).max(initial=0.0) < TOLERANCE:
            break
    return ability, np.linalg.inv(curvature(ability)[1])


def _surely(ability: Array, covariance: Array, order: Sequence[int]) -> float:
    if len(order) < 2:
        return 1.0
    first, second = order[:2]
    variance = covariance[first, first] + covariance[second, second] - 2 * covariance[first, second]
    z = (ability[first] - ability[second]) / math.sqrt(variance)
    return 0.5 * (1 + math.erf(max(0.0, z) / math.sqrt(2)))


def _cycles(names: Sequence[str], wins: Array) -> tuple[tuple[str, ...], ...]:
    """A shortest cycle of majorities through every candidate that lies on one; each cycle once."""
    beats = wins > wins.T
    found: dict[frozenset[int], tuple[int, ...]] = {}
    for start in range(len(names)):
        paths: list[tuple[int, ...]] = [(start,)]
        seen: set[int] = set()
        while paths:
            closing = next((path for path in paths if beats[path[-1], start]), None)  # nobody beats themselves
            if closing:
                found.setdefault(frozenset(closing), closing)
                break
            longer = [(*path, int(k)) for path in paths for k in np.flatnonzero(beats[path[-1]]) if k not in path]
            fresh = {path[-1]: path for path in reversed(longer) if path[-1] not in seen}
            seen |= set(fresh)
            paths = list(fresh.values())
    return tuple(tuple(names[k] for k in cycle) for cycle in found.values())
