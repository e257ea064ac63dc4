"""A Shadow hand, palm up, and a pen lying on it: spin the pen about the vertical with the fingers.

Three rungs of one world. `lite`: the pen turns on a vertical hinge above the palm and cannot fall. `assist`: the pen is
free, and a spring, gravity compensation and levelling help, all scaled by `assist`. `free`: the pen is on its own.
The hand and pen come from the installed Gymnasium-Robotics (ShadowRobot; Kumar, University of Washington: Apache-2.0).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, NamedTuple

Array = Any

CONTROL = 0.02
"""s: a control step. Sub-steps follow from `timestep`."""
NOISE = 4
SETTLE = 15
CAMERA = {"lookat": [1.0, 0.9, 0.18], "distance": 0.62, "azimuth": 120.0, "elevation": -42.0}

JOINTS = 24
FINGERS = ("ff", "mf", "rf", "lf", "th")
PEN_SPOT = (1.0, 0.87, 0.2)
"""m: where the pen starts, above the palm."""
PALM_SPOT = (1.0, 0.9)
PEN_MASS = 0.04236
GRAVITY = 9.81
GRIP_AZIMUTH, GRIP_SPREAD = 1.955, 0.384
"""rad: the starts from which a spin is easiest, 112 +- 22 degrees."""
FRICTION_WIDTH, MASS_WIDTH = 0.3, 0.2
"""How far `randomise` = 1 scales either way."""
HINGE_DAMPING = 2e-5
SPRING, SPRING_DAMPING = 30.0, 1.5
LEVELLING, LEVELLING_DAMPING = 0.02, 0.002


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, the pen was dropped in this step
    hand_joint_positions: Array  # (B, 24) rad, angles of the wrist (2), fingers (17) and thumb (5) joints
    hand_joint_velocities: Array  # (B, 24) rad/s, rates of those joints
    pen_centre: Array  # (B, 3) m, world frame: middle of the pen; z is up
    pen_axis: Array  # (B, 3) -, world frame: unit vector along the pen, from its bottom to its top
    pen_azimuth: Array  # (B,) rad, direction of the pen axis in the horizontal plane, in [-pi, pi]
    pen_azimuth_rate: Array  # (B,) rad/s, spin about the vertical; counter-clockwise from above is positive
    pen_linear_velocity: Array  # (B, 3) m/s, world frame: of the pen's middle
    pen_angular_velocity: Array  # (B, 3) rad/s, world frame: of the pen, rolling about its own axis included
    fingertip_positions: Array  # (B, 5, 3) m, world frame: tips of first, middle, ring, little finger and thumb
    palm_position: Array  # (B, 3) m, world frame: of the palm


def model(params: dict[str, Any]) -> Any:
    """The hand with a pen on a hinge (`lite`) or a free one, with a sensor for all that rewards may need.

    `timestep` (s), `cone` (pyramidal or elliptic), `friction` (scale of all sliding friction) and `mass` (scale of the
    pen's) depart from the stock model.
    """
    import mujoco

    package = importlib.util.find_spec("gymnasium_robotics")
    assert package is not None and package.origin is not None, "pip install gymnasium-robotics"
    file = Path(package.origin).parent / "envs" / "assets" / "hand" / "manipulate_pen.xml"
    spec = mujoco.MjSpec.from_file(str(file))
    spec.option.timestep = params["timestep"]
    spec.option.cone = getattr(mujoco.mjtCone, f"mjCONE_{params['cone'].upper()}")
    for geom in spec.geoms:
        geom.friction[0] *= params["friction"]
    spec.delete(spec.body("target"))
    pen = spec.body("object")
    pen.first_geom().density *= params["mass"]
    if params["rung"] == "lite":
        for joint in list(pen.joints):
            spec.delete(joint)
        pen.pos = PEN_SPOT
        pen.alt.euler = [0, 1.5707963267948966, 0]
        # The pen's own -x points up once it lies: its hinge is the world's vertical.
        hinge = pen.add_joint(name="pen_hinge", type=mujoco.mjtJoint.mjJNT_HINGE, axis=[-1, 0, 0])
        hinge.damping, hinge.armature = [HINGE_DAMPING, 0, 0], 1e-6
    site, body = mujoco.mjtObj.mjOBJ_SITE, mujoco.mjtObj.mjOBJ_XBODY
    position = mujoco.mjtSensor.mjSENS_FRAMEPOS
    for name in ("center", "top", "bottom"):
        spec.add_sensor(name=f"pen_{name}", type=position, objtype=site, objname=f"object:{name}")
    spin, speed = mujoco.mjtSensor.mjSENS_FRAMEANGVEL, mujoco.mjtSensor.mjSENS_FRAMELINVEL
    spec.add_sensor(name="pen_spin", type=spin, objtype=body, objname="object")
    spec.add_sensor(name="pen_speed", type=speed, objtype=site, objname="object:center")
    for finger in FINGERS:
        spec.add_sensor(name=f"{finger}_tip", type=position, objtype=site, objname=f"robot0:S_{finger}tip")
    spec.add_sensor(name="palm", type=position, objtype=body, objname="robot0:palm")
    return spec


def reset(xp: Any, u: Array, params: dict[str, Any]) -> tuple[Array, Array]:
    """Hand open, pen lying above the palm at a chance azimuth.

    `start` is any; grip: within GRIP_SPREAD of GRIP_AZIMUTH, or within `spread` (rad) where that is not 0; or tossed:
    in any attitude, let go above the palm, evenly over the sphere of its axis (rolling about it shows nowhere).
    """
    count = u.shape[0]
    spread = params["spread"] or (GRIP_SPREAD if params["start"] == "grip" else xp.pi)
    azimuth = (GRIP_AZIMUTH if spread < xp.pi else 0.0) + spread * (2 * u[:, 0] - 1)
    hand = xp.zeros((count, JOINTS))
    if params["rung"] == "lite":
        return xp.concatenate([hand, azimuth[:, None]], 1), xp.zeros((count, JOINTS + 1))
    place = xp.asarray(PEN_SPOT) + 0.005 * (2 * u[:, 1:4] - 1)
    zero = xp.zeros(count)
    up = 2 * u[:, 3] - 1 if params["start"] == "tossed" else zero
    place = place + xp.stack([zero, zero, 0.1 * xp.abs(up)], 1)
    # A turn by acos(up) about (-sin, cos, 0) brings the pen's z axis from the vertical to the azimuth.
    cos, sin = xp.sqrt((1 + up) / 2), xp.sqrt((1 - up) / 2)
    quaternion = xp.stack([cos, -xp.sin(azimuth) * sin, xp.cos(azimuth) * sin, zero], 1)
    return xp.concatenate([hand, place, quaternion], 1), xp.zeros((count, JOINTS + 6))


def vary(xp: Any, u: Array, model: Any, params: dict[str, Any]) -> dict[str, Array]:
    """MjModel fields of each episode's own world, from noise u (B, VARIED): sliding friction, pen mass, kind of cone.

    Nothing where `randomise` is 0. At 1, friction is scaled by 0.7 to 1.3, the pen's mass by 0.8 to 1.2, and half the
    worlds have elliptic cones; in between, less of each.
    """
    width = params["randomise"]
    if not width:
        return {}
    sliding = 1 + FRICTION_WIDTH * width * (2 * u[:, 0] - 1)
    rolling = xp.ones(len(u))
    weight = 1 + MASS_WIDTH * width * (2 * u[:, 1] - 1)
    weight = xp.where(xp.arange(model.nbody) == model.body(PUSHED).id, weight[:, None], 1.0)
    return {
        "geom_friction": model.geom_friction * xp.stack([sliding, rolling, rolling], 1)[:, None],
        "body_mass": model.body_mass * weight,
        "body_inertia": model.body_inertia * weight[:, :, None],
        "cone": xp.where(u[:, 2] < width / 2, 1 - model.opt.cone, model.opt.cone),
    }


def read(xp: Any, data: Any, episode: Any, params: dict[str, Any]) -> State:
    along = data.sensor("pen_top") - data.sensor("pen_bottom")
    axis = along / xp.sqrt(xp.sum(along * along, -1, keepdims=True))
    spin = data.sensor("pen_spin")
    # u' = w x u; the azimuth turns by (x y' - y x') / (x^2 + y^2), so rolling about the pen's own axis is no spin.
    dx = spin[:, 1] * axis[:, 2] - spin[:, 2] * axis[:, 1]
    dy = spin[:, 2] * axis[:, 0] - spin[:, 0] * axis[:, 2]
    flat = xp.maximum(axis[:, 0] ** 2 + axis[:, 1] ** 2, 0.05)
    return State(
        time=data.time,
        terminated=xp.zeros(data.time.shape, bool),
        hand_joint_positions=data.qpos[:, :JOINTS],
        hand_joint_velocities=data.qvel[:, :JOINTS],
        pen_centre=data.sensor("pen_center"),
        pen_axis=axis,
        pen_azimuth=xp.arctan2(axis[:, 1], axis[:, 0]),
        pen_azimuth_rate=(axis[:, 0] * dy - axis[:, 1] * dx) / flat,
        pen_linear_velocity=data.sensor("pen_speed"),
        pen_angular_velocity=spin,
        fingertip_positions=xp.stack([data.sensor(f"{finger}_tip") for finger in FINGERS], 1),
        palm_position=data.sensor("palm"),
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 90): joints, the pen relative to the palm, its axis and speeds, fingertips relative to its middle and top."""
    count = state.pen_centre.shape[0]
    top = state.pen_centre + 0.1 * state.pen_axis
    from_centre = state.fingertip_positions - state.pen_centre[:, None]
    from_top = state.fingertip_positions - top[:, None]
    return xp.concatenate(
        [
            state.hand_joint_positions,
            0.2 * state.hand_joint_velocities,
            10 * (state.pen_centre - state.palm_position),
            state.pen_axis,
            state.pen_linear_velocity,
            0.2 * state.pen_angular_velocity,
            10 * xp.reshape(from_centre, (count, 15)),
            10 * xp.reshape(from_top, (count, 15)),
        ],
        1,
    )


def terminated(xp: Any, state: State) -> Array:
    """The episode ends when the pen is dropped: its middle below 0.12 m or more than 0.15 m from the palm's middle.

    On the lite rung the pen hangs on a hinge and cannot be dropped.
    """
    return ~held(xp, state)


def held(xp: Any, state: State) -> Array:
    """(B,) bool: the pen is on the hand."""
    dx = state.pen_centre[..., 0] - PALM_SPOT[0]
    dy = state.pen_centre[..., 1] - PALM_SPOT[1]
    return (state.pen_centre[..., 2] > 0.12) & (dx * dx + dy * dy < 0.15**2)


def settled(xp: Any, state: State) -> Array:
    return held(xp, state)


def push(xp: Any, state: State, params: dict[str, Any]) -> Array | None:
    """(B, 6) force and torque on the pen, N and N m, world frame: the helping hand of the `assist` rung."""
    if params["rung"] != "assist":
        return None
    alpha = params["assist"]
    anchor = xp.asarray([PEN_SPOT[0], PEN_SPOT[1], 0.175 + 0.03 * alpha])
    force = alpha * (SPRING * (anchor - state.pen_centre) - SPRING_DAMPING * state.pen_linear_velocity)
    lift = xp.asarray([0.0, 0.0, min(1.0, 2 * alpha) * params["mass"] * PEN_MASS * GRAVITY])
    level = state.pen_axis * xp.asarray([1.0, 1.0, 0.0])
    level = level / xp.maximum(xp.sqrt(xp.sum(level * level, -1, keepdims=True)), 1e-9)
    tilt = state.pen_angular_velocity * xp.asarray([1.0, 1.0, 0.0])
    torque = alpha * (LEVELLING * xp.cross(state.pen_axis, level) - LEVELLING_DAMPING * tilt)
    return xp.concatenate([force + lift, torque], 1)


PUSHED = "object"
"""The body `push` acts on."""
VARIED = 3
"""Numbers `vary` draws."""
