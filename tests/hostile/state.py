"""The one State of the hostile suite, and transitions of it as a random policy would leave them."""

from __future__ import annotations

import numpy as np

from eureka_cli.core import Array, Rollout

FIELDS: dict[str, tuple[int, ...]] = {
    "time": (),
    "terminated": (),
    "position": (3,),
    "velocity": (3,),
    "orientation": (4,),
    "angular_velocity": (3,),
    "joint_angles": (6,),
    "joint_velocities": (6,),
    "goal_position": (3,),
    "object_position": (3,),
    "object_velocity": (3,),
    "fingertip_positions": (5, 3),
    "height": (),
    "forward_velocity": (),
    "upright": (),
}
ACTION_SHAPE = (6,)
DT = 0.02
HORIZON = 50
TARGET = (0.4, 0.1, 0.6)
AT_REST = 0.1
"""Share of rows in which nothing moves: where a division by a speed shows."""


def rollout(steps: int, count: int, seed: int) -> Rollout:
    """(T, N) transitions with unit quaternions, a clock that starts anew with every episode, some falls, some rest."""
    rng = np.random.default_rng(seed)
    age = (np.arange(steps)[:, None] + rng.integers(0, HORIZON, count)) % HORIZON
    state = _side(rng, steps, count, age * DT)
    following = _moved(rng, state)
    return Rollout(state, rng.uniform(-1, 1, (steps, count, *ACTION_SHAPE)), following, age == 0)


def recorded(count: int, seed: int) -> dict[str, Array]:
    """The same as flat rows, named as a measurement records them."""
    seen = rollout(1, count, seed)
    sides = (("state", seen.state), ("next_state", seen.next_state))
    rows = {f"{side}/{name}": values[0] for side, fields in sides for name, values in fields.items()}
    return {**rows, "action": seen.action[0]}


def _side(rng: np.random.Generator, steps: int, count: int, time: Array) -> dict[str, Array]:
    drawn = {name: 0.5 * rng.standard_normal((steps, count, *shape)) for name, shape in FIELDS.items()}
    drawn["time"] = time
    drawn["terminated"] = np.zeros((steps, count), bool)
    drawn["goal_position"] = np.broadcast_to(TARGET, (steps, count, 3)).copy()
    return _consistent(drawn)


def _moved(rng: np.random.Generator, state: dict[str, Array]) -> dict[str, Array]:
    moved = {name: values + DT * rng.standard_normal(values.shape) for name, values in state.items()}
    moved["time"] = state["time"] + DT
    moved["terminated"] = moved["height"] < 0.2
    moved["goal_position"] = state["goal_position"].copy()
    resting = rng.random(state["time"].shape) < AT_REST
    for name in ("velocity", "angular_velocity", "joint_velocities", "object_velocity"):
        moved[name][resting] = 0.0
    return _consistent(moved)


def _consistent(side: dict[str, Array]) -> dict[str, Array]:
    """Fields that follow from others do."""
    side["orientation"] = side["orientation"] / np.linalg.norm(side["orientation"], axis=-1, keepdims=True)
    x, y = side["orientation"][..., 1], side["orientation"][..., 2]
    side["upright"] = 1.0 - 2.0 * (x * x + y * y)
    side["height"] = 0.8 + 0.3 * side["position"][..., 2]
    side["forward_velocity"] = side["velocity"][..., 0].copy()
    return side
