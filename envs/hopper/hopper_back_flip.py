"""Flip backward: fitness is net turns backward in 300 steps; landing on anything but the foot ends the episode."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the one-legged robot do a back flip: a whole turn backward in the air, landing on its foot"
HORIZON = 300
PARAMS: dict[str, float] = {}
BUDGET = 500_000
TIER = "medium"
SUITES = ("text2reward", "contrast")
CAMERA = {"track": "torso"}

DOWN = 0.15
"""m: a foot lower than this is on the ground."""


def terminated(xp, state):
    """The episode ends when the robot falls: its torso below 0.3 m."""
    return state.torso_position[:, 2] < 0.3


def fitness(trajectory) -> float:
    """Net turns backward by the end, or by the fall; turning the other way counts down."""
    turned = trajectory.next_state.torso_pitch[-1] - trajectory.state.torso_pitch[0]
    return float(-turned / (2 * np.pi))


def success(trajectory) -> bool:
    """At least one net turn, never fallen, and the foot on the ground at the end."""
    landed = trajectory.next_state.foot_position[-1, 2] < DOWN
    return bool(fitness(trajectory) >= 1.0 and not trajectory.terminated and landed)
