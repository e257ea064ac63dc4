"""Run: fitness is the mean forward speed over 400 steps; a fall ends all progress."""

from __future__ import annotations

DESCRIPTION = "make the humanoid run forward along +x as fast as possible without falling"
HORIZON = 400
PARAMS: dict[str, float] = {}
BUDGET = 2_000_000
TIER = "medium"
SUITES = ("eureka", "icpl")
CAMERA = {"track": "torso"}


def fitness(trajectory) -> float:
    """Distance along +x by the time of a whole episode (6 s), m/s: after a fall nothing is added."""
    start, end = trajectory.state.torso_position[0, 0], trajectory.next_state.torso_position[-1, 0]
    return float((end - start) / (trajectory.horizon * trajectory.dt))


def success(trajectory) -> bool:
    """Faster than 1 m/s, and never fallen."""
    return fitness(trajectory) > 1.0 and not trajectory.terminated
