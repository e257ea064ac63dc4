"""Jump: fitness is the mean height of the lowest foot, by the time of a whole episode."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the four-legged robot jump off the ground with all feet, as high and as often as it can, and land upright"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "medium"
SUITES = ("icpl",)
CAMERA = {"track": "torso"}

STANDS = 0.12
"""m: a foot lower than this is on the ground."""
HIGH, UPRIGHT = 0.3, 0.7
"""m above it, in a jump that is one; z of the torso's up."""


def fitness(trajectory) -> float:
    """Rise of the lowest foot, cm, mean over 200 steps (10 s); steps with the torso not upright are 0."""
    return float(100 * np.sum(_rise(trajectory)) / trajectory.horizon)


def success(trajectory) -> bool:
    """All feet 30 cm off the ground at once, and upright at the end."""
    upright = trajectory.next_state.torso_up[-1, 2] > UPRIGHT
    return bool(_rise(trajectory).max() >= HIGH and upright)


def _rise(trajectory):
    """(T,) m: of the lowest foot off the ground, at least 0."""
    after = trajectory.next_state
    feet = np.maximum(after.foot_positions[:, :, 2].min(axis=1) - STANDS, 0.0)
    return np.where(after.torso_up[:, 2] > UPRIGHT, feet, 0.0)
