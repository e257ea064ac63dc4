"""Balance the pole: fitness is the share of 500 steps in which it is upright."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "balance the pole upright on the cart by pushing the cart left and right along its rail"
HORIZON = 500
PARAMS: dict[str, float] = {}
BUDGET = 30_000
TIER = "smoke"
SUITES = ("eureka", "icpl")

UPRIGHT = 0.2
"""rad: a pole that leans less counts as upright."""


def fitness(trajectory) -> float:
    """Share of the horizon (10 s) with the pole upright; steps after an early end count as fallen."""
    upright = np.abs(trajectory.next_state.pole_angle) < UPRIGHT
    return float(upright.sum() / trajectory.horizon)


def success(trajectory) -> bool:
    """Upright in at least 95% of the steps."""
    return fitness(trajectory) >= 0.95
