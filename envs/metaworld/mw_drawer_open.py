"""Open a drawer: fitness is the share of episodes in which it is open at any time, as Meta-World counts."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "Open a drawer by its handle."
HORIZON = 150
PARAMS: dict[str, float] = {}
BUDGET = 300_000
TIER = "medium"
SUITES = ("text2reward",)
KWARGS = {"env_name": "drawer-open-v3"}


def fitness(trajectory) -> float:
    return float(success(trajectory))


def success(trajectory) -> bool:
    return bool(_reached(trajectory).any())


def measures(trajectory) -> dict[str, float]:
    """Whether it still holds when the episode ends."""
    return {"success_at_the_end": float(_reached(trajectory)[-1])}


def _reached(trajectory):
    """(T,) bool: the drawer's handle is within 3 cm of the goal."""
    left = trajectory.next_state.object_position - trajectory.next_state.goal_position
    return np.linalg.norm(left, axis=-1) <= 0.03
