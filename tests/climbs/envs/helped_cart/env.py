"""A cart balances a pole in air that holds the pole up, as far as `help` says; without, it is on its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 2
NOISE = 4
PUSHED = "pole"


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the pole fell or the cart left the rail in this step
    cart_position: Array  # (B,) m, along the rail; 0 is its middle
    cart_velocity: Array  # (B,) m/s, along the rail
    pole_angle: Array  # (B,) rad, from upright; 0 is upright, positive leans towards +position
    pole_angular_velocity: Array  # (B,) rad/s, rate of pole_angle


def model(params: dict[str, Any]) -> Any:
    """Gravity belongs to the compiled model."""
    import mujoco

    spec = mujoco.MjSpec.from_file(str(Path(__file__).parent / "model.xml"))
    spec.option.gravity = [0, 0, -9.81 * params["gravity"]]
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    start = (2 * u - 1) * xp.asarray([0.1, 0.2, 0.1, 0.1])
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
        [state.cart_position, state.cart_velocity, state.pole_angle, state.pole_angular_velocity],
        1,
    )


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the pole is more than 30 degrees from upright or the cart more than 2.9 m from the middle."""
    return (xp.abs(state.pole_angle) > xp.pi / 6) | (xp.abs(state.cart_position) > 2.9)


def push(xp: Any, state: State, params: dict[str, Any]) -> Array | None:
    """(B, 6): a torque that rights the pole."""
    if params["rung"] != "helped":
        return None
    zero = xp.zeros(state.time.shape)
    torque = -params["help"] * (4.0 * state.pole_angle + 0.5 * state.pole_angular_velocity)
    return xp.stack([zero, zero, zero, zero, torque, zero], 1)
