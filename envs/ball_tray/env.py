"""A round tray on a post, tilted by two motors, and a ball that rolls on it. Actions: torque about x, about y."""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 2
NOISE = 6
CAMERA = {"lookat": [0.0, 0.0, 0.45], "distance": 1.6, "azimuth": 90.0, "elevation": -30.0}

RADIUS = 0.3
"""m: of the tray."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the ball left the tray in this step
    ball_position: Array  # (B, 3) m, world frame: of the ball's middle; the tray's middle is (0, 0, 0.5), z is up
    ball_velocity: Array  # (B, 3) m/s, world frame: of the ball's middle
    ball_on_tray: Array  # (B, 3) m, tray's frame: of the ball's middle; x and y are 0 at its middle, z is 0.05 in touch
    tray_tilt: Array  # (B, 2) rad, of the tray about x (positive lowers -y) and about y (positive lowers +x)
    tray_tilt_rate: Array  # (B, 2) rad/s, rates of tray_tilt


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """The tray nearly level, the ball on it within 15 cm of the middle, rolling with up to 0.3 m/s along x and y."""
    wide = 2 * u - 1
    tilt = 0.1 * wide[:, :2]
    radius, angle = 0.15 * xp.sqrt(u[:, 2:3]), 2 * xp.pi * u[:, 3:4]
    x, y = radius * xp.cos(angle), radius * xp.sin(angle)
    # Where a tray tilted about x, then y, is under the ball: high enough not to begin inside it.
    height = 0.5 + 0.052 + xp.abs(x) * 0.1 + xp.abs(y) * 0.1
    zero = xp.zeros_like(x)
    ball = xp.concatenate([x, y, height, zero + 1, zero, zero, zero], 1)
    push = 0.3 * wide[:, 4:6]
    rolling = xp.concatenate([-push[:, 1:] / 0.04, push[:, :1] / 0.04, zero], 1)
    speeds = xp.concatenate([zero, zero, push, zero, rolling], 1)
    return xp.concatenate([tilt, ball], 1), speeds


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        ball_position=data.sensor("ball_place"),
        ball_velocity=data.sensor("ball_speed"),
        ball_on_tray=data.sensor("ball_on_tray"),
        tray_tilt=data.qpos[:, :2],
        tray_tilt_rate=data.qvel[:, :2],
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 10): the ball relative to the tray, its velocity, the tray's tilt and rate."""
    ball = [5 * state.ball_on_tray, state.ball_velocity]
    return xp.concatenate([*ball, state.tray_tilt, state.tray_tilt_rate], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the ball's middle is over the edge of the tray (30 cm from its middle) or below the tray."""
    x, y, z = state.ball_on_tray[:, 0], state.ball_on_tray[:, 1], state.ball_on_tray[:, 2]
    return (x * x + y * y > RADIUS**2) | (z < 0.0)
