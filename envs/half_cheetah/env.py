"""A planar running robot with two legs, after Gymnasium's HalfCheetah (Wawrzynski 2009): it runs along +x."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 18
CAMERA = {"lookat": [2.0, 0.0, 0.4], "distance": 6.0, "azimuth": 90.0, "elevation": -12.0}


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, never true: nothing ends an episode early
    torso_position: Array  # (B, 3) m, world frame: of the torso's middle; x is ahead, z is up
    torso_pitch: Array  # (B,) rad, 0 is level, positive leans the head down; grows without bound in a roll
    forward_velocity: Array  # (B,) m/s, of the torso along +x
    vertical_velocity: Array  # (B,) m/s, of the torso along +z
    pitch_rate: Array  # (B,) rad/s, rate of torso_pitch
    joint_angles: Array  # (B, 6) rad, back thigh, shin, foot, then front thigh, shin, foot
    joint_velocities: Array  # (B, 6) rad/s, of those
    foot_positions: Array  # (B, 2, 3) m, world frame: of the back and the front foot


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, with sensors for torso and feet."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "half_cheetah.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    for body in ("torso", "bfoot", "ffoot"):
        kind = mujoco.mjtSensor.mjSENS_FRAMEPOS
        spec.add_sensor(name=f"{body}_place", type=kind, objtype=mujoco.mjtObj.mjOBJ_XBODY, objname=body)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Standing, every position and velocity off by up to 0.1."""
    noise = 0.1 * (2 * u - 1)
    return noise[:, :9], noise[:, 9:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        torso_position=data.sensor("torso_place"),
        torso_pitch=data.qpos[:, 2],
        forward_velocity=data.qvel[:, 0],
        vertical_velocity=data.qvel[:, 1],
        pitch_rate=data.qvel[:, 2],
        joint_angles=data.qpos[:, 3:],
        joint_velocities=data.qvel[:, 3:],
        foot_positions=xp.stack([data.sensor("bfoot_place"), data.sensor("ffoot_place")], 1),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 17): height, pitch, joints, and the rates of all; where along x the robot is does not matter."""
    height = state.torso_position[:, 2] - 0.7
    root = [height, state.torso_pitch]
    rates = [state.forward_velocity, state.vertical_velocity, state.pitch_rate]
    parts = [xp.stack(root, 1), state.joint_angles, xp.stack(rates, 1), state.joint_velocities]
    return xp.concatenate(parts, 1)


def terminated(xp: Any, state: State) -> Array:
    """Nothing ends an episode early."""
    return xp.zeros(state.time.shape, bool)
