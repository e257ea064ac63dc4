"""Follow a command: fitness is minus the mean squared error of velocity and turning; after a fall an error of 3."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the four-legged robot follow the commanded velocities: ahead, sideways, and turning"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 1_000_000
TIER = "medium"
SUITES = ("eureka", "icpl")
CAMERA = {"track": "torso"}

FALLEN = 3.0
"""(m/s)^2: the error of a step after a fall; standing still has 1 on average, and never more than this."""
GOOD = 0.25


def fitness(trajectory) -> float:
    """Minus |planar velocity - command|^2 + (yaw rate - command)^2, mean over 200 steps (10 s)."""
    after = trajectory.next_state
    planar = np.sum((after.planar_velocity - after.command[:, :2]) ** 2, axis=-1)
    errors = planar + (after.yaw_rate - after.command[:, 2]) ** 2
    missing = FALLEN * (trajectory.horizon - len(trajectory))
    return -float((np.sum(errors) + missing) / trajectory.horizon)


def success(trajectory) -> bool:
    """A mean error below 0.25, and never fallen."""
    return -fitness(trajectory) < GOOD and not trajectory.terminated
