"""Close a window: fitness is the share of episodes in which it is closed at any time, as Meta-World counts."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "Push and close a sliding window by its handle."
HORIZON = 150
PARAMS: dict[str, float] = {}
BUDGET = 300_000
TIER = "medium"
SUITES = ("text2reward",)
KWARGS = {"env_name": "window-close-v3"}


def fitness(trajectory) -> float:
    return float(success(trajectory))


def success(trajectory) -> bool:
    return bool(_reached(trajectory).any())


def measures(trajectory) -> dict[str, float]:
    """Whether it still holds when the episode ends."""
    return {"success_at_the_end": float(_reached(trajectory)[-1])}


def _reached(trajectory):
    """(T,) bool: the window's handle is within 5 cm of the goal along x."""
    left = trajectory.next_state.object_position - trajectory.next_state.goal_position
    return np.abs(left[:, 0]) <= 0.05
