"""A planar robot on one leg, after Gymnasium's Hopper (Erez, Tassa and Todorov 2011): it hops along +x."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 4
NOISE = 12
CAMERA = {"lookat": [1.0, 0.0, 0.8], "distance": 5.0, "azimuth": 90.0, "elevation": -10.0}


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the robot fell in this step
    torso_position: Array  # (B, 3) m, world frame: of the torso's middle; x is ahead, z is up, 1.25 standing
    torso_pitch: Array  # (B,) rad, from upright; positive leans forward
    forward_velocity: Array  # (B,) m/s, of the torso along +x
    vertical_velocity: Array  # (B,) m/s, of the torso along +z
    pitch_rate: Array  # (B,) rad/s, rate of torso_pitch
    joint_angles: Array  # (B, 3) rad, thigh, leg, foot; 0 is straight
    joint_velocities: Array  # (B, 3) rad/s, of those
    foot_position: Array  # (B, 3) m, world frame: of the foot


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, with sensors for torso and foot."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "hopper.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    for body in ("torso", "foot"):
        kind = mujoco.mjtSensor.mjSENS_FRAMEPOS
        spec.add_sensor(name=f"{body}_place", type=kind, objtype=mujoco.mjtObj.mjOBJ_XBODY, objname=body)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Standing, every position and velocity off by up to 0.005."""
    noise = 5e-3 * (2 * u - 1)
    standing = xp.asarray([0.0, 1.25, 0.0, 0.0, 0.0, 0.0])
    return standing + noise[:, :6], noise[:, 6:]


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
        foot_position=data.sensor("foot_place"),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 11): height, pitch, joints, and the rates of all within 10; where along x the robot is does not matter."""
    root = xp.stack([state.torso_position[:, 2], state.torso_pitch], 1)
    rates = xp.stack([state.forward_velocity, state.vertical_velocity, state.pitch_rate], 1)
    velocities = xp.clip(xp.concatenate([rates, state.joint_velocities], 1), -10, 10)
    return xp.concatenate([root, state.joint_angles, velocities], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the robot falls: its torso below 0.7 m or more than 0.2 rad from upright."""
    return (state.torso_position[:, 2] < 0.7) | (xp.abs(state.torso_pitch) > 0.2)
