"""Run backwards: fitness is the mean speed along -x over 200 steps."""

from __future__ import annotations

DESCRIPTION = "make the two-legged planar robot run backwards along -x as fast as possible"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "quick"
SUITES = ("contrast",)
CAMERA = {"track": "torso"}


def fitness(trajectory) -> float:
    """Mean speed along -x, m/s: how far the torso got, by the time it took (10 s)."""
    way = trajectory.state.torso_position[0, 0] - trajectory.next_state.torso_position[-1, 0]
    return float(way / (len(trajectory) * trajectory.dt))


def success(trajectory) -> bool:
    """Faster than 1 m/s."""
    return fitness(trajectory) > 1.0
