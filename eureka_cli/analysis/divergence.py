"""Own return against fitness over training: where they part, and which component carries the reward.

Pure functions of what every training records at its checkpoints anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array

STANDARD_ERRORS = 2.0
WINDOW = 3
"""Checkpoints a smoothed value averages."""
DOMINATES, IDLE = 0.9, 0.01
COMPONENT, TOTAL = "component/", "component/total"


class Share(NamedTuple):
    """Of one component: |its mean per step| over the sum of all components' |means|, averaged over checkpoints.

    A constant bonus has a share too although it teaches nothing.
    """

    name: str
    share: float
    remark: str
    """`dominates`, `does nothing`, or empty."""


def shares(curves: Mapping[str, Sequence[float]]) -> list[Share]:
    """Largest first. curves: `component/<name>` to its mean per step at every checkpoint."""
    names = [name for name in curves if name.startswith(COMPONENT) and name != TOTAL]
    if not names:
        return []
    sizes = np.abs(np.array([curves[name] for name in names], float))
    sums = sizes.sum(axis=0)
    known = np.isfinite(sums) & (sums > 0)
    of_sum = (sizes[:, known] / sums[known]).mean(axis=1) if known.any() else np.zeros(len(names))
    several = len(names) > 1

    def remark(share: float) -> str:
        return "does nothing" if share < IDLE else "dominates" if several and share > DOMINATES else ""

    found = [Share(name.removeprefix(COMPONENT), float(s), remark(s)) for name, s in zip(names, of_sum, strict=True)]
    return sorted(found, key=lambda share: -share.share)


class Turn(NamedTuple):
    """The test for over-optimisation of one candidate. Indices count checkpoints."""

    tested: bool
    why_not: str
    peak: int | None
    """Where smoothed fitness was largest."""
    since: int | None
    """From here to the end it lies more than two standard errors below the peak, own return above; None: not seen."""
    fall: float | None
    """Of smoothed fitness, from the peak to the last checkpoint."""
    least_seen: float | None
    """A smaller fall from peak to end than this the test would not have seen."""


def turning_point(own: Sequence[float], episodes: Sequence[Sequence[Sequence[float]]]) -> Turn:
    """Where fitness turned while own return went on.

    own: per checkpoint, mean over seeds. episodes: fitness [seed][checkpoint][episode]. Standard errors are of episodes
    within a policy, so a fall is one of these policies, not of others that other seeds would give. Neighbouring
    windows share checkpoints, which makes the error of their difference too large: the test errs on the quiet side.
    """
    told = [np.array(seed, float) for seed in episodes if len(seed)]
    count = min([len(own), *(len(seed) for seed in told)]) if told else 0
    if count < WINDOW or min(seed.shape[1] for seed in told) < 2:
        why = "fewer than three checkpoints" if count < WINDOW else "one episode a checkpoint has no standard error"
        return Turn(False, why, None, None, None, None)
    means = np.mean([seed[:count].mean(axis=1) for seed in told], axis=0)
    variances = np.mean([seed[:count].var(axis=1, ddof=1) / seed.shape[1] for seed in told], axis=0) / len(told)
    fitness, error = _smooth(means), np.sqrt(_smooth(variances, squared=True))
    returns = _smooth(np.array(own[:count], float))
    peak = int(np.argmax(fitness))
    threshold = STANDARD_ERRORS * np.hypot(error, error[peak])
    fallen = (fitness[peak] - fitness > threshold + 1e-12) & (returns > returns[peak])
    fallen[: peak + 1] = False
    last_good = int(np.flatnonzero(~fallen)[-1])
    since = last_good + 1 if last_good + 1 < count else None
    return Turn(True, "", peak, since, float(fitness[peak] - fitness[-1]), float(threshold[-1]))


def _smooth(values: Array, *, squared: bool = False) -> Array:
    """Centred moving average, shorter at the ends; `squared` for variances of such an average."""
    half = WINDOW // 2
    windows = [values[max(0, k - half) : k + half + 1] for k in range(len(values))]
    known = [(float(np.nansum(window)), int(np.isfinite(window).sum())) for window in windows]
    return np.array([total / count ** (2 if squared else 1) if count else np.nan for total, count in known])
