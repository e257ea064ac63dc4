"""Reach, paid at the end: fitness is Reacher's own, what a method is told along the way is up to the method."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "bring the arm's fingertip to the target and hold it there"
HORIZON = 50
PARAMS: dict[str, float] = {}
BUDGET = 150_000
TIER = "quick"
SUITES = ("credit",)
TRAINER = {
    # Episodes are short: with the default of 0.99 Gymnasium's reward learns next to nothing in this budget.
    "native_ppo": {"gamma": 0.95},
}

CLOSE = 0.02
"""m: a tip nearer than this is at the target."""
LAST = 10


def fitness(trajectory) -> float:
    """Share of the last 10 steps (0.2 s) with the tip within 2 cm of the target."""
    apart = trajectory.next_state.fingertip_position - trajectory.next_state.target_position
    return float(np.mean(np.linalg.norm(apart[-LAST:], axis=-1) < CLOSE))


def success(trajectory) -> bool:
    """At the target in all of the last 10 steps."""
    return fitness(trajectory) == 1.0
