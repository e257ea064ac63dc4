"""Close a drawer: fitness is the share of episodes in which it is closed at any time, as Meta-World counts."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "Close a drawer by its handle."
HORIZON = 150
PARAMS: dict[str, float] = {}
BUDGET = 40_000
TIER = "medium"
SUITES = ("text2reward",)
KWARGS = {"env_name": "drawer-close-v3"}


def fitness(trajectory) -> float:
    return float(success(trajectory))


def success(trajectory) -> bool:
    return bool(_reached(trajectory).any())


def measures(trajectory) -> dict[str, float]:
    """Whether it still holds when the episode ends."""
    return {"success_at_the_end": float(_reached(trajectory)[-1])}


def _reached(trajectory):
    """(T,) bool: the drawer's handle is within 6.5 cm of the goal."""
    left = trajectory.next_state.object_position - trajectory.next_state.goal_position
    return np.linalg.norm(left, axis=-1) <= 0.065
