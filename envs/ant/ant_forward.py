"""Move forward: fitness is the mean forward speed while upright; turning over ends it."""

from __future__ import annotations

DESCRIPTION = "make the four-legged robot move forward along +x"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "medium"
SUITES = ("text2reward",)
CAMERA = {"track": "torso"}

FAR = 3.0
"""m: how far ahead counts as having moved forward (Text2Reward's behaviour, made measurable)."""


def terminated(xp, state):
    """The episode ends when the robot turns over: its own up points below the horizontal."""
    return state.torso_up[:, 2] < 0.0


def fitness(trajectory) -> float:
    """Distance along +x by the time of a whole episode (10 s), m/s: after turning over nothing is added."""
    return _distance(trajectory) / (trajectory.horizon * trajectory.dt)


def success(trajectory) -> bool:
    """Three metres ahead, and never turned over."""
    return _distance(trajectory) >= FAR and not trajectory.terminated


def _distance(trajectory) -> float:
    return float(trajectory.next_state.torso_position[-1, 0] - trajectory.state.torso_position[0, 0])
