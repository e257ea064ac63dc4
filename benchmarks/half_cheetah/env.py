"""Gymnasium's HalfCheetah on batched physics: the world of benchmarks/halfcheetah.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 18


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, never
    joint_positions: Array  # (B, 9) m and rad, root x, z, pitch and six joints
    joint_velocities: Array  # (B, 9) m/s and rad/s, of those
    forward_velocity: Array  # (B,) m/s, along +x


def model(params: dict[str, Any]) -> Any:
    import gymnasium
    import mujoco

    assets = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets"
    return mujoco.MjSpec.from_file(str(assets / "half_cheetah.xml"))


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    noise = 0.1 * (2 * u - 1)
    return noise[:, :9], noise[:, 9:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        joint_positions=data.qpos,
        joint_velocities=data.qvel,
        forward_velocity=data.qvel[:, 0],
    )


def observe(xp: Any, state: State) -> Array:
    return xp.concatenate([state.joint_positions[:, 1:], state.joint_velocities], 1)


def terminated(xp: Any, state: State) -> Array:
    return xp.zeros(state.time.shape, bool)
