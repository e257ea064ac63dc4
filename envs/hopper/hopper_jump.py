"""Jump: fitness is how high the foot gets, if the robot lands and stands; a fall is worth nothing."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the one-legged robot jump as high as possible on the spot and land softly without falling"
HORIZON = 250
PARAMS: dict[str, float] = {}
BUDGET = 150_000
TIER = "medium"
SUITES = ("icpl",)
CAMERA = {"track": "torso"}

SPOT = 1.0
"""m: jumps count within this distance of where the episode began."""
HIGH = 0.3
"""m: the foot's height in a jump that is one."""


def fitness(trajectory) -> float:
    """Greatest height of the foot above its start, m, within SPOT, by the share of 250 steps (2 s) before a fall."""
    foot = trajectory.next_state.foot_position
    rise = np.where(_near(trajectory), foot[:, 2] - trajectory.state.foot_position[0, 2], 0.0)
    return float(max(0.0, rise.max()) * len(trajectory) / trajectory.horizon)


def success(trajectory) -> bool:
    """A jump of 30 cm on the spot, and never fallen."""
    return fitness(trajectory) >= HIGH and not trajectory.terminated


def _near(trajectory):
    """(T,) bool"""
    x = trajectory.next_state.torso_position[:, 0]
    return np.abs(x - trajectory.state.torso_position[0, 0]) < SPOT
