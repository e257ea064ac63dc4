"""A Shadow hand, palm up, and a block lying on it: turn the block about the vertical to a target.

The hand and block come from the installed Gymnasium-Robotics (ShadowRobot; Kumar, University of Washington: Apache-2.0).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

Array = Any

CONTROL = 0.02
"""s: a control step. Sub-steps follow from the model's timestep."""
NOISE = 5
SETTLE = 25
CAMERA = {"lookat": [1.0, 0.9, 0.18], "distance": 0.5, "azimuth": 120.0, "elevation": -42.0}

JOINTS = 24
FINGERS = ("ff", "mf", "rf", "lf", "th")
BLOCK_SPOT = (1.0, 0.87, 0.2)
"""m: where the block starts, above the palm."""
PALM_SPOT = (1.0, 0.9)
LEAST_TURN = 0.5
"""rad: targets are at least this far from where the block starts."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the block was dropped in this step
    hand_joint_positions: Array  # (B, 24) rad, angles of the wrist (2), fingers (17) and thumb (5) joints
    hand_joint_velocities: Array  # (B, 24) rad/s, rates of those joints
    block_position: Array  # (B, 3) m, world frame: of the block's middle; z is up
    block_rotation: Array  # (B, 4) unit quaternion wxyz, of the block in the world frame
    block_linear_velocity: Array  # (B, 3) m/s, world frame: of the block's middle
    block_angular_velocity: Array  # (B, 3) rad/s, world frame: of the block
    target_rotation: Array  # (B, 4) unit quaternion wxyz, world frame: how the block should lie, turned about the vertical only; the same all episode
    angle_to_target: Array  # (B,) rad, of the turn that would bring the block there, in [0, pi]
    fingertip_positions: Array  # (B, 5, 3) m, world frame: tips of first, middle, ring, little finger and thumb
    palm_position: Array  # (B, 3) m, world frame: of the palm


class Episode(NamedTuple):
    target: Array


def model(params: dict[str, Any]) -> Any:
    """The hand with a free block, at 4 ms, with a sensor for all that rewards may need."""
    import mujoco

    package = importlib.util.find_spec("gymnasium_robotics")
    assert package is not None and package.origin is not None, "pip install gymnasium-robotics"
    file = Path(package.origin).parent / "envs" / "assets" / "hand" / "manipulate_block.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    spec.option.timestep = 0.004
    spec.delete(spec.body("target"))
    kinds, objects = mujoco.mjtSensor, mujoco.mjtObj
    block = {"objtype": objects.mjOBJ_XBODY, "objname": "object"}
    spec.add_sensor(name="block_place", type=kinds.mjSENS_FRAMEPOS, **block)
    spec.add_sensor(name="block_speed", type=kinds.mjSENS_FRAMELINVEL, **block)
    spec.add_sensor(name="block_turning", type=kinds.mjSENS_FRAMEANGVEL, **block)
    for finger in FINGERS:
        tip = {"objtype": objects.mjOBJ_SITE, "objname": f"robot0:S_{finger}tip"}
        spec.add_sensor(name=f"{finger}_tip", type=kinds.mjSENS_FRAMEPOS, **tip)
    palm = {"objtype": objects.mjOBJ_XBODY, "objname": "robot0:palm"}
    spec.add_sensor(name="palm", type=kinds.mjSENS_FRAMEPOS, **palm)
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array, Episode]:
    """Hand open, block flat above the palm at a chance heading; a target at least 0.5 rad away, either way round."""
    count = u.shape[0]
    heading = xp.pi * (2 * u[:, 0] - 1)
    place = xp.asarray(BLOCK_SPOT) + 0.005 * (2 * u[:, 1:4] - 1)
    side = 2 * u[:, 4] - 1
    turn = xp.where(side < 0, -1.0, 1.0) * (LEAST_TURN + xp.abs(side) * (xp.pi - LEAST_TURN))
    hand = xp.zeros((count, JOINTS))
    qpos = xp.concatenate([hand, place, _about_vertical(xp, heading)], 1)
    return qpos, xp.zeros((count, JOINTS + 6)), Episode(_about_vertical(xp, heading + turn))


def _about_vertical(xp: Any, angle: Array) -> Array:
    """(B, 4) unit quaternion wxyz."""
    zero = xp.zeros_like(angle)
    return xp.stack([xp.cos(angle / 2), zero, zero, xp.sin(angle / 2)], 1)


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    rotation = data.qpos[:, JOINTS + 3 : JOINTS + 7]
    alike = xp.abs(xp.sum(rotation * episode.target, -1))
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        hand_joint_positions=data.qpos[:, :JOINTS],
        hand_joint_velocities=data.qvel[:, :JOINTS],
        block_position=data.sensor("block_place"),
        block_rotation=rotation,
        block_linear_velocity=data.sensor("block_speed"),
        block_angular_velocity=data.sensor("block_turning"),
        target_rotation=episode.target,
        angle_to_target=2 * xp.arccos(xp.clip(alike, 0.0, 1.0)),
        fingertip_positions=xp.stack([data.sensor(f"{finger}_tip") for finger in FINGERS], 1),
        palm_position=data.sensor("palm"),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 80): joints, the block relative to the palm, its rotation and speeds, the turn to the target, fingertips."""
    count = state.time.shape[0]
    w, x, y, z = (state.block_rotation[:, k] for k in range(4))
    a, b, c, d = (state.target_rotation[:, k] for k in range(4))
    # target times the inverse of the block's: the turn still to be made, in the world's frame.
    left = [
        a * w + b * x + c * y + d * z,
        -a * x + b * w - c * z + d * y,
        -a * y + b * z + c * w - d * x,
        -a * z - b * y + c * x + d * w,
    ]
    turn = xp.stack(left, 1)
    turn = xp.where(turn[:, :1] < 0, -turn, turn)
    tips = state.fingertip_positions - state.block_position[:, None]
    return xp.concatenate(
        [
            state.hand_joint_positions,
            0.2 * state.hand_joint_velocities,
            10 * (state.block_position - state.palm_position),
            state.block_rotation,
            state.block_linear_velocity,
            0.2 * state.block_angular_velocity,
            2 * turn,
            10 * xp.reshape(tips, (count, 15)),
        ],
        1,
    )


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the block is dropped: its middle below 0.12 m or more than 0.15 m from the palm's middle."""
    return ~settled(xp, state)


def settled(xp: Any, state: State) -> Array:
    """(B,) bool: the block is on the hand."""
    dx = state.block_position[..., 0] - PALM_SPOT[0]
    dy = state.block_position[..., 1] - PALM_SPOT[1]
    return (state.block_position[..., 2] > 0.12) & (dx * dx + dy * dy < 0.15**2)
