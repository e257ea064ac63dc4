"""A robot with two legs and two arms, after Gymnasium's Humanoid (Tassa, Erez and Todorov 2012): ahead is +x."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 47
CAMERA = {"lookat": [0.0, 0.0, 1.0], "distance": 5.0, "azimuth": 90.0, "elevation": -12.0}


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the torso came too low or too high in this step
    torso_position: Array  # (B, 3) m, world frame: of the torso; x is ahead, z is up, 1.4 standing
    torso_rotation: Array  # (B, 4) unit quaternion wxyz, of the torso in the world frame
    torso_up: Array  # (B, 3) unit vector, world frame: the torso's own up; its z is 1 upright
    torso_ahead: Array  # (B, 3) unit vector, world frame: where the torso faces; its x is 1 at the start
    torso_velocity: Array  # (B, 3) m/s, world frame: of the torso
    torso_rotation_rate: Array  # (B, 3) rad/s, of the torso about its own axes
    joint_angles: Array  # (B, 17) rad, abdomen z y x; right hip x z y, knee; left hip x z y, knee; right shoulder 1 2, elbow; left shoulder 1 2, elbow
    joint_velocities: Array  # (B, 17) rad/s, of those
    foot_positions: Array  # (B, 2, 3) m, world frame: of the middle of the right and the left foot, 7.5 cm above its sole


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, with sensors for torso and feet."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "humanoid.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    kinds, objects = mujoco.mjtSensor, mujoco.mjtObj
    torso = {"objtype": objects.mjOBJ_XBODY, "objname": "torso"}
    spec.add_sensor(name="torso_place", type=kinds.mjSENS_FRAMEPOS, **torso)
    spec.add_sensor(name="torso_up", type=kinds.mjSENS_FRAMEZAXIS, **torso)
    spec.add_sensor(name="torso_ahead", type=kinds.mjSENS_FRAMEXAXIS, **torso)
    for foot in ("right_foot", "left_foot"):
        geom = {"objtype": objects.mjOBJ_GEOM, "objname": foot}
        spec.add_sensor(name=f"{foot}_place", type=kinds.mjSENS_FRAMEPOS, **geom)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Standing, every position and velocity off by up to 0.01."""
    noise = 0.01 * (2 * u - 1)
    standing = xp.asarray([0.0, 0.0, 1.4, 1.0] + [0.0] * 20)
    qpos = standing + noise[:, :24]
    rotation = qpos[:, 3:7]
    unit = rotation / xp.linalg.norm(rotation, axis=1, keepdims=True)
    return xp.concatenate([qpos[:, :3], unit, qpos[:, 7:]], 1), noise[:, 24:]


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        torso_position=data.sensor("torso_place"),
        torso_rotation=data.qpos[:, 3:7],
        torso_up=data.sensor("torso_up"),
        torso_ahead=data.sensor("torso_ahead"),
        torso_velocity=data.qvel[:, :3],
        torso_rotation_rate=data.qvel[:, 3:6],
        joint_angles=data.qpos[:, 7:],
        joint_velocities=data.qvel[:, 6:],
        foot_positions=xp.stack([data.sensor("right_foot_place"), data.sensor("left_foot_place")], 1),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 51): height, rotation, joints, the rates of all, feet relative to the torso; not where on the ground."""
    feet = state.foot_positions - state.torso_position[:, None]
    rates = [state.torso_velocity, 0.3 * state.torso_rotation_rate, 0.1 * state.joint_velocities]
    height = state.torso_position[:, 2:]
    feet = xp.reshape(feet, (feet.shape[0], 6))
    return xp.concatenate([height, state.torso_rotation, state.joint_angles, *rates, feet], 1)


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the torso is lower than 1 m or higher than 2 m."""
    height = state.torso_position[:, 2]
    return (height < 1.0) | (height > 2.0)
