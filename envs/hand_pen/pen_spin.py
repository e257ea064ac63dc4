"""Spin the pen: fitness is net signed turns about the world's vertical, up to the drop or the end."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "spin the pen in the hand counter-clockwise about the vertical, as fast as possible, without dropping it"
HORIZON = 250
PARAMS = {"rung": "lite", "assist": 1.0, "start": "any"}
BUDGET = 100_000
TIER = "quick"
CAMERA = {"lookat": [1.0, 0.88, 0.2], "distance": 0.42}

LEVEL = 0.5
"""Largest |z| of the pen's axis at which turning counts: within 30 degrees of horizontal."""


def fitness(trajectory) -> float:
    """Net turns in 5 s: counter-clockwise counts up, clockwise down, a see-saw is worth nothing.

    Only steps count in which the pen is held and lies within 30 degrees of horizontal. Rolling about its own axis and
    standing on end are no turns. The value at the end counts, not the best moment.
    """
    before, after = trajectory.state.pen_azimuth, trajectory.next_state.pen_azimuth
    turned = (after - before + np.pi) % (2 * np.pi) - np.pi
    valid = ~trajectory.next_state.terminated & (np.abs(trajectory.next_state.pen_axis[:, 2]) < LEVEL)
    return float(np.sum(turned[valid]) / (2 * np.pi))


def success(trajectory) -> bool:
    """At least one net turn, and the pen not dropped."""
    return fitness(trajectory) >= 1.0 and not trajectory.terminated
