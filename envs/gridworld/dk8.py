"""DoorKey 8x8: fitness is MiniGrid's own score of an episode."""

from __future__ import annotations

DESCRIPTION = "use the key to open the door and then get to the goal"
HORIZON = 640
PARAMS = {"size": 8}
CHOICES = {"size": (8,)}
BUDGET = 150_000
TIER = "medium"
SUITES = ("language",)


def fitness(trajectory) -> float:
    """1 - 0.9 T / HORIZON where the goal was reached in step T, else 0."""
    return 1 - 0.9 * len(trajectory) / trajectory.horizon if success(trajectory) else 0.0


def success(trajectory) -> bool:
    """The goal was reached."""
    return bool(trajectory.next_state.terminated[-1])
