"""A quadcopter: a box with four thrusters. Action 0 is the thrust that carries its weight, 1 twice that, -1 none.

Actions: front left, front right, back left, back right thruster.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 2
NOISE = 12
CAMERA = {"lookat": [0.0, 0.0, 1.5], "distance": 5.0, "azimuth": 90.0, "elevation": -15.0}

TARGET = (0.0, 0.0, 1.5)
"""m, world frame: where to hover."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the quadcopter hit the ground or got lost in this step
    position: Array  # (B, 3) m, world frame: of the quadcopter; z is up, 0 on the ground
    rotation: Array  # (B, 4) unit quaternion wxyz, of the quadcopter in the world frame
    up: Array  # (B, 3) unit vector, world frame: the quadcopter's own up, along which it thrusts
    velocity: Array  # (B, 3) m/s, world frame: of the quadcopter
    rotation_rate: Array  # (B, 3) rad/s, of the quadcopter about its own axes
    target_position: Array  # (B, 3) m, world frame: the point to hover at; it does not move


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Within 1 m of the target along each axis, tilted and turned by up to 0.3 rad about each, drifting and turning."""
    wide = 2 * u - 1
    place = xp.asarray(TARGET) + wide[:, :3]
    half = 0.15 * wide[:, 3:6]
    rotation = xp.concatenate([xp.ones_like(half[:, :1]), half], 1)
    rotation = rotation / xp.linalg.norm(rotation, axis=1, keepdims=True)
    speeds = wide[:, 6:12] * xp.asarray([0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    return xp.concatenate([place, rotation], 1), speeds


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    place = data.sensor("place")
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        position=place,
        rotation=data.qpos[:, 3:7],
        up=data.sensor("up"),
        velocity=data.qvel[:, :3],
        rotation_rate=data.qvel[:, 3:6],
        target_position=xp.zeros_like(place) + xp.asarray(TARGET),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 16): the way to the target, rotation, the axis of thrust, the rates."""
    apart = state.target_position - state.position
    return xp.concatenate([apart, state.rotation, state.up, state.velocity, state.rotation_rate], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the quadcopter is lower than 0.1 m or farther than 3 m from the target."""
    apart = state.position - state.target_position
    return (state.position[:, 2] < 0.1) | (xp.sum(apart * apart, -1) > 9.0)
