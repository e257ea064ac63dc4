"""Keep the ball on the tray: fitness is the share of 500 steps before it falls."""

from __future__ import annotations

DESCRIPTION = "keep the ball on the tray without it falling off"
HORIZON = 500
PARAMS: dict[str, float] = {}
BUDGET = 40_000
TIER = "smoke"
SUITES = ("eureka", "icpl")


def fitness(trajectory) -> float:
    """Share of the horizon (10 s) with the ball on the tray."""
    return (len(trajectory) - int(trajectory.terminated)) / trajectory.horizon


def success(trajectory) -> bool:
    """The ball never falls."""
    return not trajectory.terminated
