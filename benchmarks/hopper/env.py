"""Gymnasium's Hopper on batched physics: the world of benchmarks/late_rewards.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 4
NOISE = 12


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the hopper fell in this step
    joint_positions: Array  # (B, 6) m and rad, root x, z, pitch and three joints
    joint_velocities: Array  # (B, 6) m/s and rad/s, of those


def model(params: dict[str, Any]) -> Any:
    import gymnasium
    import mujoco

    assets = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
    return mujoco.MjSpec.from_file(str(assets / "hopper.xml"))


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    noise = 5e-3 * (2 * u - 1)
    standing = xp.asarray([0.0, 1.25, 0.0, 0.0, 0.0, 0.0])
    return standing + noise[:, :6], noise[:, 6:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    fell = xp.zeros(data.time.shape, bool)
    return State(data.time, fell, data.qpos, data.qvel)


def observe(xp: Any, state: State) -> Array:
    return xp.concatenate([state.joint_positions[:, 1:], xp.clip(state.joint_velocities, -10, 10)], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends below 0.7 m or when the torso leans more than 0.2 rad."""
    return (state.joint_positions[:, 1] < 0.7) | (xp.abs(state.joint_positions[:, 2]) > 0.2)
