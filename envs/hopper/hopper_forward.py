"""Move forward: fitness is the mean forward speed over 200 steps; the robot may lean as it likes, a fall ends it."""

from __future__ import annotations

DESCRIPTION = "make the one-legged robot move forward along +x"
HORIZON = 200
PARAMS: dict[str, float] = {}
BUDGET = 100_000
TIER = "medium"
SUITES = ("text2reward",)
CAMERA = {"track": "torso"}

FAR = 2.0
"""m: how far ahead counts as having moved forward (Text2Reward's behaviour, made measurable)."""


def terminated(xp, state):
    """The episode ends when the robot falls: its torso below 0.4 m."""
    return state.torso_position[:, 2] < 0.4


def fitness(trajectory) -> float:
    """Distance along +x by the time of a whole episode (1.6 s), m/s: after a fall nothing is added."""
    return _distance(trajectory) / (trajectory.horizon * trajectory.dt)


def success(trajectory) -> bool:
    """Two metres ahead, and never fallen."""
    return _distance(trajectory) >= FAR and not trajectory.terminated


def _distance(trajectory) -> float:
    return float(trajectory.next_state.torso_position[-1, 0] - trajectory.state.torso_position[0, 0])
