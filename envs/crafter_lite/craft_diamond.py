"""Dig out a diamond: fitness is whether one was had, alive or not; deaths by lava are told apart."""

from __future__ import annotations

DESCRIPTION = "with an iron pickaxe in a cave, obtain a diamond without dying in lava"
HORIZON = 200
PARAMS = {"start": "cave"}
CHOICES = {"start": ("meadow", "cave", "lava")}
BUDGET = 500_000
TIER = "medium"
SUITES = ("mcreward",)

COLLECT_DIAMOND = 1
"""Place in ACHIEVEMENTS."""


def fitness(trajectory) -> float:
    """1 where a diamond was collected, else 0."""
    return float(trajectory.next_state.achievements[-1, COLLECT_DIAMOND] > 0)


def success(trajectory) -> bool:
    """A diamond was collected, and the player is alive."""
    return fitness(trajectory) == 1.0 and not trajectory.terminated


def measures(trajectory) -> dict[str, float]:
    """`lava_deaths`: share of episodes that end in lava; `diamonds`: collected."""
    after = trajectory.next_state
    return {
        "lava_deaths": float(after.lava_death[-1]),
        "diamonds": float(after.achievements[-1, COLLECT_DIAMOND]),
    }
