"""Run: fitness is the mean forward speed over 200 steps; a fall ends all progress."""

from __future__ import annotations

DESCRIPTION = "make the four-legged robot run forward along +x as fast as possible without falling"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 200_000
TIER = "medium"
SUITES = ("eureka", "icpl")
CAMERA = {"track": "torso"}


def fitness(trajectory) -> float:
    """Distance along +x by the time of a whole episode (10 s), m/s: after a fall nothing is added."""
    start, end = trajectory.state.torso_position[0, 0], trajectory.next_state.torso_position[-1, 0]
    return float((end - start) / (trajectory.horizon * trajectory.dt))


def success(trajectory) -> bool:
    """Faster than 1 m/s, and never fallen."""
    return fitness(trajectory) > 1.0 and not trajectory.terminated
