"""Spin the pen: fitness is net signed turns about the world's vertical, up to the drop or the end."""

from __future__ import annotations

import math

import numpy as np

DESCRIPTION = "spin the pen in the hand {direction} about the vertical, as fast as possible, without dropping it"
HORIZON = 250
PARAMS = {
    "rung": "lite",
    "assist": 1.0,
    "direction": 1,
    "start": "any",
    "spread": 0.0,
    "friction": 1.0,
    "mass": 1.0,
    "cone": "pyramidal",
    "timestep": 0.004,
    "randomise": 0.0,
}
CHOICES = {
    "rung": ("lite", "assist", "free"),
    "direction": {1: "counter-clockwise", -1: "clockwise"},
    "start": ("any", "grip", "tossed"),
    "cone": ("pyramidal", "elliptic"),
}
RANGES = {
    "assist": (0.0, 1.0),
    "spread": (0.0, 3.1416),
    "friction": (0.05, 20.0),
    "mass": (0.05, 20.0),
    "timestep": (0.0005, 0.02),
    "randomise": (0.0, 1.0),
}
BUDGET = 100_000
TIER = "quick"
SUITES = ("eureka",)
CAMERA = {"lookat": [1.0, 0.88, 0.2], "distance": 0.42}

CURRICULA = {
    # The helping hand is taken away as the policy learns to do without it.
    "assist": {
        "start": {"rung": "assist", "assist": 1.0, "start": "any"},
        "chunk": 65_536,
        "rank": 524_288,
        "budget": 4_000_000,
        # Slower and with more noise than a search needs: the gait has to change all the way.
        "trainer": {
            "native_ppo": {"learning_rate": 5e-4, "entropy": 2e-3, "rollout_steps": 64, "hidden": 128},
        },
    },
    # The same, from a good grip only; on the free pen the starts then spread until any will do (Florensa et al. 2017).
    "reverse": {
        "start": {"rung": "assist", "assist": 1.0, "start": "grip", "spread": 0.384},
        "chunk": 65_536,
        "rank": 524_288,
        "budget": 4_000_000,
        "trainer": {
            "native_ppo": {"learning_rate": 5e-4, "entropy": 2e-3, "rollout_steps": 64, "hidden": 128},
        },
    },
    # Eureka (Ma et al. 2023) first trains the policy to bring the pen to goals all over SO(3), under the same reward.
    # Rewards here see no goal, so what comes first is the spin itself, of a pen tossed into the hand in any attitude.
    "eureka": {
        "start": {"rung": "free", "start": "tossed"},
        "chunk": 65_536,
        "rank": 524_288,
        "budget": 4_000_000,
    },
}
GOALS = {
    "grip": {"rung": "free", "start": "grip", "spread": 0.0, "randomise": 0.0},
    "any": {"rung": "free", "start": "any", "spread": 0.0, "randomise": 0.0},
}
VARIANTS = {
    "friction 0.7": {"friction": 0.7},
    "friction 1.3": {"friction": 1.3},
    "mass 0.8": {"mass": 0.8},
    "mass 1.2": {"mass": 1.2},
    "elliptic cones": {"cone": "elliptic"},
    "timestep 2 ms": {"timestep": 0.002},
}

LEVEL = 0.5
"""Largest |z| of the pen's axis at which turning counts: within 30 degrees of horizontal."""
WAYPOINT, REACHED = math.pi / 6, 0.2
"""rad: distance and tolerance of Eureka's waypoints."""
TURNING, DROPPED = 0.9, 0.6
"""`assist` goes on where the pen turns more than so often and is dropped less than so often."""
SELDOM = 0.1
"""`eureka` goes on where the tossed pen is dropped less than so often: with the hand at rest it is 0.23."""
EASED, LEAST = 0.8, 0.03
"""What is left of the assist after a step, and below what it is taken away altogether."""
SPREAD, WIDENED, AROUND = 0.384, 1.5, 3.1416
"""How far (rad) from the grip `reverse` starts lie at first, how many times further after each step, and at most."""
KEPT, SLIPPED = 0.7, 0.3
"""`reverse` widens its starts where the free pen turns more than so often and is dropped less than so often."""


def fitness(trajectory) -> float:
    """Net turns in 5 s: the way of `direction` counts up, the other way down, a see-saw is worth nothing.

    Only steps count in which the pen is held and lies within 30 degrees of horizontal. Rolling about its own axis and
    standing on end are no turns. The value at the end counts, not the best moment.
    """
    return float(_direction(trajectory) * np.sum(_turned(trajectory)) / (2 * np.pi))


def success(trajectory) -> bool:
    """At least one net turn, and the pen not dropped."""
    return fitness(trajectory) >= 1.0 and not trajectory.terminated


def measures(trajectory) -> dict[str, float]:
    """`waypoint_revolutions`: Eureka's count, a twelfth for each waypoint reached, the next one being 30 degrees on.

    `absolute_turns`: how much the pen turned, whichever way: far more than fitness where it wobbles.
    """
    counts = _counts(trajectory)
    reached = 0
    goal = trajectory.state.pen_azimuth[0]
    for azimuth in trajectory.next_state.pen_azimuth[counts]:
        ahead = goal + _direction(trajectory) * WAYPOINT
        if abs(_wrapped(azimuth - ahead)) < REACHED:
            goal, reached = ahead, reached + 1
    absolute = np.sum(np.abs(_turned(trajectory))) / (2 * np.pi)
    return {"waypoint_revolutions": reached / 12, "absolute_turns": float(absolute)}


def climb(curriculum: str, params: dict, score) -> dict | None:
    """Params of the next chunk of training; None where the top is reached: go on there.

    `assist`: a fifth of the assist is taken away each time the pen turns without being dropped much (TURNING, DROPPED).
    `reverse`: then its starts spread (KEPT, SLIPPED). `eureka`: once the tossed pen is dropped seldom it starts lying.
    """
    if progress(curriculum, params) == 1.0:
        return None
    if curriculum == "eureka":
        return params if score.drops >= SELDOM else {**params, "start": "any"}
    if params["rung"] == "free":
        enough = score.fitness > KEPT and score.drops < SLIPPED
        return {**params, "spread": min(WIDENED * params["spread"], AROUND)} if enough else params
    if score.fitness <= TURNING or score.drops >= DROPPED:
        return params
    left = EASED * params["assist"]
    return {**params, "assist": left} if left >= LEAST else {**params, "rung": "free", "assist": 0.0}


def progress(curriculum: str, params: dict) -> float:
    """How far up, in [0, 1]: equal steps of climb are equally far; 1 is the free pen, lying."""
    if curriculum == "eureka":
        return 0.0 if params["start"] == "tossed" else 1.0
    freed = 1.0 if params["rung"] == "free" else math.log(params["assist"]) / math.log(EASED * LEAST)
    if curriculum == "assist":
        return freed
    return (freed + math.log(params["spread"] / SPREAD) / math.log(AROUND / SPREAD)) / 2


def _direction(trajectory) -> int:
    """1 for counter-clockwise, -1 for clockwise."""
    return trajectory.params.get("direction", 1)


def _counts(trajectory):
    """(T,) bool: the pen is held and lies within 30 degrees of horizontal."""
    after = trajectory.next_state
    return ~after.terminated & (np.abs(after.pen_axis[:, 2]) < LEVEL)


def _turned(trajectory):
    """rad of the steps that count; counter-clockwise is positive."""
    turned = _wrapped(trajectory.next_state.pen_azimuth - trajectory.state.pen_azimuth)
    return turned[_counts(trajectory)]


def _wrapped(angle):
    return (angle + np.pi) % (2 * np.pi) - np.pi
