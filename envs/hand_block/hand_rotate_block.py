"""Turn the block: fitness is the share of 250 steps in which it lies as the target says."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the hand turn the block on its palm to the target orientation and hold it there, without dropping it"
HORIZON = 250
PARAMS: dict[str, float] = {}
BUDGET = 1_000_000
TIER = "medium"
SUITES = ("eureka", "icpl")

CLOSE = 0.2
"""rad: a block turned less than this from the target lies as it should."""


def fitness(trajectory) -> float:
    """Share of the horizon (5 s) with the block within 0.2 rad of the target, and held; after a drop nothing is added."""
    return float(np.sum(_there(trajectory)) / trajectory.horizon)


def success(trajectory) -> bool:
    """At the target in the last step, and not dropped."""
    return bool(_there(trajectory)[-1]) and not trajectory.terminated


def _there(trajectory):
    """(T,) bool"""
    after = trajectory.next_state
    return (after.angle_to_target < CLOSE) & ~np.asarray(after.terminated, bool)
