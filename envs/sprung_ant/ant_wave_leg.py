"""Wave a leg: fitness is how often the front left foot goes up, while the other three stand and the robot stays."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "make the four-legged robot stand on three legs and wave its front left leg up and down"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "medium"
SUITES = ("text2reward",)
CAMERA = {"track": "torso"}

UP, DOWN = 0.25, 0.15
"""m: heights of the foot between which it has to go for a wave."""
STANDS = 0.12
"""m: a foot lower than this is on the ground."""
SPOT, LEVEL = 1.0, 0.7
"""m from the start, and z of the torso's up: what happens beyond is no wave."""


def fitness(trajectory) -> float:
    """Waves in 10 s, by the share of steps with the other three feet on the ground.

    A wave is the foot above 25 cm after it was below 15 cm, the torso within 1 m of its start and level.
    """
    return _waves(trajectory) * _standing(trajectory)


def success(trajectory) -> bool:
    """Three waves, the other three feet on the ground at least 70% of the time."""
    return _waves(trajectory) >= 3 and _standing(trajectory) >= 0.7


def _waves(trajectory) -> int:
    after = trajectory.next_state
    apart = np.linalg.norm(after.torso_position[:, :2] - trajectory.state.torso_position[0, :2], axis=-1)
    stays = (apart < SPOT) & (after.torso_up[:, 2] > LEVEL)
    waves, ready = 0, False
    for height, counts in zip(after.foot_positions[:, 0, 2], stays, strict=True):
        if height < DOWN:
            ready = True
        elif height > UP and ready:
            waves, ready = waves + int(counts), False
    return waves


def _standing(trajectory) -> float:
    others = trajectory.next_state.foot_positions[:, 1:, 2]
    return float(np.sum((others < STANDS).all(axis=1)) / trajectory.horizon)
