"""Run, paid at the end: fitness is the mean forward speed, what a method is told along the way is up to the method."""

from __future__ import annotations

DESCRIPTION = "make the robot run forward along +x as fast as possible"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "quick"
CAMERA = {"track": "torso"}
SUITES = ("credit",)


def fitness(trajectory) -> float:
    """Mean speed along +x over the episode (10 s), m/s: distance covered by time."""
    start, end = trajectory.state.torso_position[0, 0], trajectory.next_state.torso_position[-1, 0]
    return float((end - start) / (len(trajectory) * trajectory.dt))


def success(trajectory) -> bool:
    """Faster than 2 m/s."""
    return fitness(trajectory) > 2.0
