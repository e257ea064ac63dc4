"""Lie down: fitness is the share of steps in which the robot lies, belly down and at rest."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the four-legged robot lie down flat on its belly and keep still"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 60_000
TIER = "quick"
SUITES = ("text2reward",)
CAMERA = {"track": "torso"}

LOW = 0.42
"""m: with legs as flat as they go, the torso's middle is 0.38 m up."""
UPRIGHT, STILL = 0.7, 0.1
"""z of the torso's up, and m/s."""
LAST = 50


def fitness(trajectory) -> float:
    """Share of 200 steps (10 s) with the torso below 0.42 m, its up above 0.7, slower than 0.1 m/s."""
    return float(np.sum(_lies(trajectory)) / trajectory.horizon)


def success(trajectory) -> bool:
    """Lying in each of the last 50 steps."""
    return len(trajectory) >= LAST and bool(_lies(trajectory)[-LAST:].all())


def _lies(trajectory):
    """(T,) bool"""
    after = trajectory.next_state
    speed = np.linalg.norm(after.torso_velocity, axis=-1)
    return (after.torso_position[:, 2] < LOW) & (after.torso_up[:, 2] > UPRIGHT) & (speed < STILL)
