"""A four-legged robot, after Gymnasium's Ant (Schulman et al. 2015): it runs along +x. Actions: back right leg first."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 29
CAMERA = {"lookat": [1.0, 0.0, 0.5], "distance": 6.0, "azimuth": 90.0, "elevation": -20.0}
LEGS = ("left", "right", "third", "fourth")


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the torso came too low or too high in this step
    torso_position: Array  # (B, 3) m, world frame: of the torso's middle; x is ahead, z is up, about 0.55 standing
    torso_rotation: Array  # (B, 4) unit quaternion wxyz, of the torso in the world frame
    torso_up: Array  # (B, 3) unit vector, world frame: the torso's own up; its z is 1 upright, -1 on the back
    torso_velocity: Array  # (B, 3) m/s, world frame: of the torso
    torso_rotation_rate: Array  # (B, 3) rad/s, of the torso about its own axes
    joint_angles: Array  # (B, 8) rad, hip and ankle of the front left, front right, back left and back right leg
    joint_velocities: Array  # (B, 8) rad/s, of those
    shin_positions: Array  # (B, 4, 3) m, world frame: of the middle of each leg's lower part, in that order


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, with sensors for torso and shins."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "ant.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    place, up = mujoco.mjtSensor.mjSENS_FRAMEPOS, mujoco.mjtSensor.mjSENS_FRAMEZAXIS
    torso = {"objtype": mujoco.mjtObj.mjOBJ_XBODY, "objname": "torso"}
    spec.add_sensor(name="torso_place", type=place, **torso)
    spec.add_sensor(name="torso_up", type=up, **torso)
    for leg in LEGS:
        shin = {"objtype": mujoco.mjtObj.mjOBJ_GEOM, "objname": f"{leg}_ankle_geom"}
        spec.add_sensor(name=f"{leg}_place", type=place, **shin)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Upright above the ground with straight legs, every position and velocity off by up to 0.1."""
    noise = 0.1 * (2 * u - 1)
    standing = xp.asarray([0.0, 0.0, 0.75, 1.0] + [0.0] * 11)
    qpos = standing + noise[:, :15]
    rotation = qpos[:, 3:7]
    unit = rotation / xp.linalg.norm(rotation, axis=1, keepdims=True)
    return xp.concatenate([qpos[:, :3], unit, qpos[:, 7:]], 1), noise[:, 15:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        torso_position=data.sensor("torso_place"),
        torso_rotation=data.qpos[:, 3:7],
        torso_up=data.sensor("torso_up"),
        torso_velocity=data.qvel[:, :3],
        torso_rotation_rate=data.qvel[:, 3:6],
        joint_angles=data.qpos[:, 7:],
        joint_velocities=data.qvel[:, 6:],
        shin_positions=xp.stack([data.sensor(f"{leg}_place") for leg in LEGS], 1),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 27): height, rotation, joints, and the rates of all; where on the ground the robot is does not matter."""
    height = state.torso_position[:, 2:]
    rates = [state.torso_velocity, state.torso_rotation_rate, state.joint_velocities]
    return xp.concatenate([height, state.torso_rotation, state.joint_angles, *rates], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the torso is lower than 0.2 m or higher than 1 m."""
    height = state.torso_position[:, 2]
    return (height < 0.2) | (height > 1.0)
