"""Eat cows: fitness is how many."""

from __future__ import annotations

DESCRIPTION = "find a cow and eat it"
HORIZON = 200
PARAMS = {"start": "meadow"}
CHOICES = {"start": ("meadow", "cave", "lava")}
BUDGET = 150_000
TIER = "quick"
SUITES = ("mcreward",)


def fitness(trajectory) -> float:
    """Cows eaten in 200 steps."""
    return float(trajectory.next_state.cows_eaten[-1])


def success(trajectory) -> bool:
    """At least one."""
    return fitness(trajectory) >= 1
