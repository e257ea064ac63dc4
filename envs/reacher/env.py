"""An arm of two links in a plane, after Gymnasium's Reacher: its tip is to be brought to a target."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 2
NOISE = 6
CAMERA = {"lookat": [0.0, 0.0, 0.0], "distance": 0.8, "azimuth": 90.0, "elevation": -90.0}

REACH = 0.2
"""m: targets lie within this distance of the shoulder."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, never true: nothing ends an episode early
    joint_angles: Array  # (B, 2) rad, shoulder (from the x axis) and elbow
    joint_velocities: Array  # (B, 2) rad/s, of those
    fingertip_position: Array  # (B, 2) m, world frame, in the plane: of the arm's tip
    target_position: Array  # (B, 2) m, world frame, in the plane: where the tip should be; it does not move


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model, with a sensor for the tip."""
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "reacher.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    kind = mujoco.mjtSensor.mjSENS_FRAMEPOS
    spec.add_sensor(name="tip", type=kind, objtype=mujoco.mjtObj.mjOBJ_XBODY, objname="fingertip")
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """The arm nearly stretched and at rest, the target anywhere within reach."""
    joints = 0.1 * (2 * u[:, :2] - 1)
    radius, angle = REACH * xp.sqrt(u[:, 2:3]), 2 * xp.pi * u[:, 3:4]
    target = xp.concatenate([radius * xp.cos(angle), radius * xp.sin(angle)], 1)
    speeds = 0.005 * (2 * u[:, 4:6] - 1)
    return xp.concatenate([joints, target], 1), xp.concatenate([speeds, xp.zeros_like(speeds)], 1)


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        joint_angles=data.qpos[:, :2],
        joint_velocities=data.qvel[:, :2],
        fingertip_position=data.sensor("tip")[:, :2],
        target_position=data.qpos[:, 2:],
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 10): cosines and sines of the joints, the target, the joints' rates, the way from target to tip."""
    angles, apart = state.joint_angles, state.fingertip_position - state.target_position
    return xp.concatenate([xp.cos(angles), xp.sin(angles), state.target_position, state.joint_velocities, apart], 1)


def terminated(xp: Any, state: State) -> Array:
    """Nothing ends an episode early."""
    return xp.zeros(state.time.shape, bool)
