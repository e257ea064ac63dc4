"""A four-legged robot, after Gymnasium's Ant, told at each start which way and how fast to go and to turn.

Actions: hip and ankle of the back right, front left, front right and back left leg, as the model names them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 32
CAMERA = {"lookat": [1.0, 0.0, 0.5], "distance": 6.0, "azimuth": 90.0, "elevation": -20.0}

FASTEST = (1.0, 1.0, 1.0)
"""m/s ahead or back, m/s left or right, rad/s about the vertical: commands lie within these."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the torso came too low or turned over in this step
    command: Array  # (B, 3) m/s m/s rad/s, wanted: velocity ahead and to the left, torso's frame seen from above; turning about the vertical, counter-clockwise; the same all episode
    planar_velocity: Array  # (B, 2) m/s, of the torso in that frame: ahead and to the left
    yaw_rate: Array  # (B,) rad/s, of the torso about the world's vertical; counter-clockwise from above is positive
    torso_position: Array  # (B, 3) m, world frame: of the torso's middle; z is up, about 0.55 standing
    torso_rotation: Array  # (B, 4) unit quaternion wxyz, of the torso in the world frame
    torso_up: Array  # (B, 3) unit vector, world frame: the torso's own up; its z is 1 upright, -1 on the back
    torso_velocity: Array  # (B, 3) m/s, world frame: of the torso
    torso_rotation_rate: Array  # (B, 3) rad/s, of the torso about its own axes
    joint_angles: Array  # (B, 8) rad, hip and ankle of each of the four legs
    joint_velocities: Array  # (B, 8) rad/s, of those


class Episode(NamedTuple):
    command: Array


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, integrated implicitly (a third of the time of Runge-Kutta), with sensors for the torso."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "ant.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    kinds = mujoco.mjtSensor
    torso = {"objtype": mujoco.mjtObj.mjOBJ_XBODY, "objname": "torso"}
    spec.add_sensor(name="torso_place", type=kinds.mjSENS_FRAMEPOS, **torso)
    spec.add_sensor(name="torso_up", type=kinds.mjSENS_FRAMEZAXIS, **torso)
    spec.add_sensor(name="torso_ahead", type=kinds.mjSENS_FRAMEXAXIS, **torso)
    spec.add_sensor(name="torso_turning", type=kinds.mjSENS_FRAMEANGVEL, **torso)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array, Episode]:
    """Upright above the ground with straight legs, every position and velocity off by up to 0.1; any command."""
    noise = 0.1 * (2 * u[:, :29] - 1)
    standing = xp.asarray([0.0, 0.0, 0.75, 1.0] + [0.0] * 11)
    qpos = standing + noise[:, :15]
    rotation = qpos[:, 3:7]
    unit = rotation / xp.linalg.norm(rotation, axis=1, keepdims=True)
    command = xp.asarray(FASTEST) * (2 * u[:, 29:] - 1)
    return xp.concatenate([qpos[:, :3], unit, qpos[:, 7:]], 1), noise[:, 15:], Episode(command)


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    ahead, velocity = data.sensor("torso_ahead"), data.qvel[:, :3]
    flat = ahead[:, :2] / xp.maximum(xp.sqrt(xp.sum(ahead[:, :2] ** 2, -1, keepdims=True)), 1e-6)
    along = flat[:, 0] * velocity[:, 0] + flat[:, 1] * velocity[:, 1]
    left = flat[:, 0] * velocity[:, 1] - flat[:, 1] * velocity[:, 0]
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        command=episode.command,
        planar_velocity=xp.stack([along, left], 1),
        yaw_rate=data.sensor("torso_turning")[:, 2],
        torso_position=data.sensor("torso_place"),
        torso_rotation=data.qpos[:, 3:7],
        torso_up=data.sensor("torso_up"),
        torso_velocity=velocity,
        torso_rotation_rate=data.qvel[:, 3:6],
        joint_angles=data.qpos[:, 7:],
        joint_velocities=data.qvel[:, 6:],
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 30): the command, velocities in its frame, height, up, joints, and rates."""
    turning = [state.yaw_rate[:, None], state.torso_rotation_rate]
    velocity = [state.planar_velocity, state.torso_velocity[:, 2:]]
    place = [state.torso_position[:, 2:], state.torso_up]
    return xp.concatenate(
        [state.command, *velocity, *turning, *place, state.joint_angles, 0.3 * state.joint_velocities], 1
    )


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the torso is lower than 0.3 m or leans by more than 60 degrees."""
    return (state.torso_position[:, 2] < 0.3) | (state.torso_up[:, 2] < 0.5)
