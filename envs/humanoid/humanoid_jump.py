"""Jump: fitness is the mean height of the lower foot above its start, by the time of a whole episode."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the humanoid jump on both feet, as high and as often as it can, without falling"
HORIZON = 400
PARAMS: dict[str, float] = {}
BUDGET = 2_000_000
TIER = "medium"
SUITES = ("icpl",)
CAMERA = {"track": "torso"}

HIGH = 0.1
"""m: the lower foot's greatest height in a jump that is one."""


def fitness(trajectory) -> float:
    """Rise of the lower foot, cm, mean over 400 steps (6 s), of which those after a fall are 0."""
    return float(100 * np.sum(_rise(trajectory)) / trajectory.horizon)


def success(trajectory) -> bool:
    """Both feet 10 cm up at once, and never fallen."""
    return bool(_rise(trajectory).max() >= HIGH and not trajectory.terminated)


def _rise(trajectory):
    """(T,) m: of the lower foot above where it stood, at least 0."""
    feet = trajectory.next_state.foot_positions[:, :, 2].min(axis=1)
    return np.maximum(feet - trajectory.state.foot_positions[0, :, 2].min(), 0.0)
