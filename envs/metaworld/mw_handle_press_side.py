"""Press a handle from the side: fitness is the share of episodes in which it is down at any time, as Meta-World counts."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "Press a handle down sideways."
HORIZON = 150
PARAMS: dict[str, float] = {}
BUDGET = 300_000
TIER = "medium"
SUITES = ("text2reward",)
KWARGS = {"env_name": "handle-press-side-v3"}


def fitness(trajectory) -> float:
    return float(success(trajectory))


def success(trajectory) -> bool:
    return bool(_reached(trajectory).any())


def measures(trajectory) -> dict[str, float]:
    """Whether it still holds when the episode ends."""
    return {"success_at_the_end": float(_reached(trajectory)[-1])}


def _reached(trajectory):
    """(T,) bool: the handle is within 2 cm of the goal along z."""
    left = trajectory.next_state.object_position - trajectory.next_state.goal_position
    return np.abs(left[:, 2]) <= 0.02
