"""A cart on a rail balances a pole by continuous force: the smallest world in which rewards can differ."""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 2
NOISE = 4
CAMERA = {"lookat": [0.0, 0.0, 0.4], "distance": 4.0, "azimuth": 90.0, "elevation": -10.0}


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the pole fell or the cart left the rail in this step
    cart_position: Array  # (B,) m, along the rail; 0 is its middle
    cart_velocity: Array  # (B,) m/s, along the rail
    pole_angle: Array  # (B,) rad, from upright; 0 is upright, positive leans towards +position
    pole_angular_velocity: Array  # (B,) rad/s, rate of pole_angle


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Near upright, near rest: positions within 0.1 m and 0.2 rad, velocities within 0.1."""
    spread = xp.asarray([0.1, 0.2, 0.1, 0.1])
    start = (2 * u - 1) * spread
    return start[:, :2], start[:, 2:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        cart_position=data.qpos[:, 0],
        cart_velocity=data.qvel[:, 0],
        pole_angle=data.qpos[:, 1],
        pole_angular_velocity=data.qvel[:, 1],
    )


def observe(xp: Any, state: State) -> Array:
    return xp.stack(
        [
            state.cart_position,
            state.cart_velocity,
            xp.sin(state.pole_angle),
            xp.cos(state.pole_angle),
            state.pole_angular_velocity,
        ],
        1,
    )


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the pole is more than 90 degrees from upright or the cart more than 2.9 m from the middle."""
    return (xp.abs(state.pole_angle) > xp.pi / 2) | (xp.abs(state.cart_position) > 2.9)
