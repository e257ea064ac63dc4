"""Hover: fitness is minus the mean distance from the target in the last 2 s of 5; after an early end it is 3 m."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the quadcopter reach and hover near the target position"
HORIZON = 250
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "quick"
SUITES = ("eureka", "icpl")

LAST = 100
"""steps (2 s): those that count."""
LOST = 3.0
"""m: the distance of a quadcopter that crashed or got lost."""
NEAR = 0.1


def fitness(trajectory) -> float:
    """Minus the mean distance over the last 100 of 250 steps, m."""
    return -float(np.mean(_distances(trajectory)))


def success(trajectory) -> bool:
    """Within 10 cm, on average over the last 2 s."""
    return -fitness(trajectory) < NEAR


def _distances(trajectory):
    """(100,) m"""
    after = trajectory.next_state
    flown = np.linalg.norm(after.position - after.target_position, axis=-1)
    missing = np.full(trajectory.horizon - len(trajectory), LOST)
    return np.concatenate([flown, missing])[-LAST:]
