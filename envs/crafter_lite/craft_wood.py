"""Collect wood: fitness is the number of pieces."""

from __future__ import annotations

DESCRIPTION = "find a tree and collect wood"
HORIZON = 200
PARAMS = {"start": "meadow"}
CHOICES = {"start": ("meadow", "cave", "lava")}
BUDGET = 100_000
TIER = "quick"
SUITES = ("mcreward",)

COLLECT_WOOD = 6
"""Place in ACHIEVEMENTS."""


def fitness(trajectory) -> float:
    """Pieces of wood collected in 200 steps."""
    return float(trajectory.next_state.achievements[-1, COLLECT_WOOD])


def success(trajectory) -> bool:
    """At least five pieces."""
    return fitness(trajectory) >= 5
