"""Gymnasium's four-legged Ant on springs: its ankles hold it up by themselves, and gentler motors move it.

Actions: hip and ankle of the front left, back left, back right and front right leg; ahead is +x, left is +y.
Nothing ends an episode early.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

Array = Any

FRAME_SKIP = 5
NOISE = 29
CAMERA = {"lookat": [0.0, 0.0, 0.4], "distance": 4.5, "azimuth": 90.0, "elevation": -20.0}
LEGS = {"front_left": "left", "back_left": "right", "back_right": "third", "front_right": "fourth"}
"""By where they are; the model's own names of their shins."""
ANKLES = (1.0, -1.0, -1.0, 1.0)
"""rad, ankle angles at which the springs are slack: shins point down by 57 degrees."""
STIFFNESS, STRENGTH = 10.0, 40.0
"""N m/rad and N m."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, never true: nothing ends an episode early
    torso_position: Array  # (B, 3) m, world frame: of the torso's middle; z is up, about 0.55 standing, 0.38 lying
    torso_rotation: Array  # (B, 4) unit quaternion wxyz, of the torso in the world frame
    torso_up: Array  # (B, 3) unit vector, world frame: the torso's own up; its z is 1 upright, -1 on the back
    torso_velocity: Array  # (B, 3) m/s, world frame: of the torso
    torso_rotation_rate: Array  # (B, 3) rad/s, of the torso about its own axes
    joint_angles: Array  # (B, 8) rad, hip and ankle of the front left, back left, back right and front right leg
    joint_velocities: Array  # (B, 8) rad/s, of those
    foot_positions: Array  # (B, 4, 3) m, world frame: of each leg's tip, in that order; z is about 0.1 on the ground


def model(params: dict[str, Any]) -> Any:
    """Gymnasium's model with springs in the ankles, weaker motors in the order of the joints, sensors for the tips.

    Springs and damping are integrated implicitly, in a third of the time of Gymnasium's Runge-Kutta.
    """
    import gymnasium
    import mujoco

    file = Path(gymnasium.__file__).parent / "envs" / "mujoco" / "assets" / "ant.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    for number, slack in enumerate(ANKLES, start=1):
        ankle = spec.joint(f"ankle_{number}")
        ankle.stiffness[0], ankle.springref = STIFFNESS, math.degrees(slack)  # as in its file
    for motor in list(spec.actuators):
        spec.delete(motor)
    for number in range(1, 5):
        for joint in ("hip", "ankle"):
            name = f"{joint}_{number}"
            motor = spec.add_actuator(name=name, target=name, trntype=mujoco.mjtTrn.mjTRN_JOINT)
            motor.gear[0], motor.ctrllimited, motor.ctrlrange = STRENGTH, True, [-1, 1]
    for leg, name in LEGS.items():
        shin = spec.geom(f"{name}_ankle_geom")
        shin.parent.add_site(name=leg, pos=shin.fromto[3:])
        spec.add_sensor(
            name=f"{leg}_foot",
            type=mujoco.mjtSensor.mjSENS_FRAMEPOS,
            objtype=mujoco.mjtObj.mjOBJ_SITE,
            objname=leg,
        )
    torso = {"objtype": mujoco.mjtObj.mjOBJ_XBODY, "objname": "torso"}
    spec.add_sensor(name="torso_place", type=mujoco.mjtSensor.mjSENS_FRAMEPOS, **torso)
    spec.add_sensor(name="torso_up", type=mujoco.mjtSensor.mjSENS_FRAMEZAXIS, **torso)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Standing on its springs, every position and velocity off by up to 0.05."""
    noise = 0.05 * (2 * u - 1)
    legs = [part for slack in ANKLES for part in (0.0, slack)]
    standing = xp.asarray([0.0, 0.0, 0.57, 1.0, 0.0, 0.0, 0.0, *legs])
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
        foot_positions=xp.stack([data.sensor(f"{leg}_foot") for leg in LEGS], 1),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 33): where it is, rotation, joints, the rates of all, the height of each foot."""
    rates = [state.torso_velocity, state.torso_rotation_rate, 0.3 * state.joint_velocities]
    feet = state.foot_positions[:, :, 2]
    return xp.concatenate([state.torso_position, state.torso_rotation, state.joint_angles, *rates, feet], 1)


def terminated(xp: Any, state: State) -> Array:
    """Nothing ends an episode early."""
    return xp.zeros(state.time.shape, bool)
