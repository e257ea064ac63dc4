"""Named joints, bodies, sites and sensors of a MuJoCo environment as State fields, read for a batch at a time."""

from __future__ import annotations

from typing import Any

import mujoco

from eureka_cli.core import Array
from eureka_cli.simulators.gym_fields import Field, Live, identifier, unique

FREE, BALL, SLIDE = (int(getattr(mujoco.mjtJoint, f"mjJNT_{kind}")) for kind in ("FREE", "BALL", "SLIDE"))
MANY = 12
"""Touch sensors more than which, and the sites they sit on, are not told one by one."""
SENSORS = {
    "TOUCH": ("N", "contact forces within the sensor's site"),
    "ACCELEROMETER": ("m/s^2", "linear acceleration, site frame, gravity included"),
    "VELOCIMETER": ("m/s", "linear velocity, site frame"),
    "GYRO": ("rad/s", "angular velocity, site frame"),
    "FORCE": ("N", "interaction force with the parent body, site frame"),
    "TORQUE": ("N m", "interaction torque with the parent body, site frame"),
    "RANGEFINDER": ("m", "distance to the nearest surface along the site's z axis, -1 where there is none"),
    "SUBTREECOM": ("m", "world frame, centre of mass of a body and all below it"),
    "SUBTREELINVEL": ("m/s", "world frame, velocity of that centre of mass"),
}
"""By mjtSensor: unit and meaning, from MuJoCo's XML reference."""
FRAMES = {
    "FRAMEPOS": ("m", "position"),
    "FRAMEQUAT": ("-", "orientation, quaternion (wxyz)"),
    "FRAMEXAXIS": ("-", "unit vector of its x axis"),
    "FRAMEYAXIS": ("-", "unit vector of its y axis"),
    "FRAMEZAXIS": ("-", "unit vector of its z axis"),
    "FRAMELINVEL": ("m/s", "linear velocity"),
    "FRAMEANGVEL": ("rad/s", "angular velocity"),
    "FRAMELINACC": ("m/s^2", "linear acceleration"),
    "FRAMEANGACC": ("rad/s^2", "angular acceleration"),
}
"""Those of an object in a frame: of another object where one is named, else of the world."""


def fields(mj_model: Any, taken: set[str]) -> list[Field]:
    """What an MjModel names, joints first. Names in `taken` are not used again."""
    found: list[Field] = []
    for k in range(mj_model.njnt):
        found += _joint(mj_model, k)
    touching = [k for k in range(mj_model.nsensor) if _kind(mj_model, k) == "TOUCH"]
    skin = {int(mj_model.sensor_objid[k]) for k in touching} if len(touching) > MANY else set()
    up = "; z is up" if mj_model.opt.gravity[2] < 0 and not mj_model.opt.gravity[:2].any() else ""
    for kind, count, array in (("body", mj_model.nbody, "xpos"), ("site", mj_model.nsite, "site_xpos")):
        for k in range(kind == "body", count):  # body 0 is the world
            label = getattr(mj_model, kind)(k).name
            if label and not (kind == "site" and k in skin):
                comment = f"m, world frame: position of {kind} {label}{up}"
                found.append(_place(f"{identifier(label)}_{kind}_position", comment, array, k, kind, label))
    return unique(found + _sensors(mj_model), taken)


def _joint(mj_model: Any, k: int) -> list[Field]:
    label, kind = mj_model.joint(k).name, int(mj_model.jnt_type[k])
    q, v = int(mj_model.jnt_qposadr[k]), int(mj_model.jnt_dofadr[k])
    name, said = identifier(label or f"joint_{k}"), f"joint {label}" if label else f"joint {k}, which has no name"
    if kind == FREE:
        return [
            _part(f"{name}_position", "m", f"world frame: position of {said}", "qpos", q, 3),
            _part(f"{name}_orientation", "-", f"world frame: quaternion (wxyz) of {said}", "qpos", q + 3, 4),
            _part(f"{name}_linear_velocity", "m/s", f"world frame: linear velocity of {said}", "qvel", v, 3),
            _part(f"{name}_angular_velocity", "rad/s", f"its own frame: angular velocity of {said}", "qvel", v + 3, 3),
        ]
    if kind == BALL:
        return [
            _part(f"{name}_orientation", "-", f"parent's frame: quaternion (wxyz) of {said}", "qpos", q, 4),
            _part(f"{name}_angular_velocity", "rad/s", f"its own frame: angular velocity of {said}", "qvel", v, 3),
        ]
    unit, what = ("m", "displacement along") if kind == SLIDE else ("rad", "angle of")
    return [
        _part(f"{name}_position", unit, f"{what} {said}", "qpos", q, 1),
        _part(f"{name}_velocity", f"{unit}/s", f"velocity of {said}", "qvel", v, 1),
    ]


def _part(name: str, unit: str, meaning: str, array: str, first: int, count: int) -> Field:
    """Some numbers of qpos, qvel or sensordata."""
    where = first if count == 1 else slice(first, first + count)
    shown = f"{first}" if count == 1 else f"{first}:{first + count}"

    def read(live: Live) -> Array:
        return live.data(array)[:, where]

    return Field(name, () if count == 1 else (count,), f"{unit}, {meaning}", f"env.data.{array}[{shown}]", read)


def _place(name: str, comment: str, array: str, k: int, kind: str, label: str) -> Field:
    def read(live: Live) -> Array:
        return live.data(array)[:, k]

    return Field(name, (3,), comment, f"env.data.{kind}({label!r}).xpos", read)


def _sensors(mj_model: Any) -> list[Field]:
    """Named sensors whose unit is known here and which say more than a joint does.

    More than MANY touch sensors in a row are one field.
    """
    kinds = [_kind(mj_model, k) for k in range(mj_model.nsensor)]
    touching = [k for k, kind in enumerate(kinds) if kind == "TOUCH" and mj_model.sensor(k).name]
    grouped = set(touching) if len(touching) > MANY and touching[-1] - touching[0] == len(touching) - 1 else set()
    found = []
    if grouped:
        first, names = int(mj_model.sensor_adr[touching[0]]), [mj_model.sensor(k).name for k in touching]
        meaning = f"{SENSORS['TOUCH'][1]}, of {len(names)} sensors from {names[0]} to {names[-1]}"
        found.append(_part("touch_sensors", "N", meaning, "sensordata", first, len(names)))
    for k, kind in enumerate(kinds):
        label, told = mj_model.sensor(k).name, _told(mj_model, k, kind)
        if label and told and k not in grouped:
            first, count = int(mj_model.sensor_adr[k]), int(mj_model.sensor_dim[k])
            meaning = f"sensor {label}: {told[1]}"
            found.append(_part(f"{identifier(label)}_sensor", told[0], meaning, "sensordata", first, count))
    return found


def _kind(mj_model: Any, k: int) -> str:
    return str(mujoco.mjtSensor(int(mj_model.sensor_type[k])).name).removeprefix("mjSENS_")


def _told(mj_model: Any, k: int, kind: str) -> tuple[str, str] | None:
    if kind in FRAMES:
        unit, what = FRAMES[kind]
        frame = "the world" if int(mj_model.sensor_refid[k]) < 0 else "its reference object"
        return unit, f"{what} in the frame of {frame}"
    return SENSORS.get(kind)
