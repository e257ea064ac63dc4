"""Press a button: fitness is the share of episodes in which it is pressed at any time, as Meta-World counts."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "Press a button in y coordination."
HORIZON = 150
PARAMS: dict[str, float] = {}
BUDGET = 55_000
TIER = "medium"
SUITES = ("text2reward",)
KWARGS = {"env_name": "button-press-v3"}


def fitness(trajectory) -> float:
    return float(success(trajectory))


def success(trajectory) -> bool:
    return bool(_reached(trajectory).any())


def measures(trajectory) -> dict[str, float]:
    """Whether it still holds when the episode ends."""
    return {"success_at_the_end": float(_reached(trajectory)[-1])}


def _reached(trajectory):
    """(T,) bool: the button is within 2 cm of the goal along y."""
    left = trajectory.next_state.object_position - trajectory.next_state.goal_position
    return np.abs(left[:, 1]) <= 0.02
