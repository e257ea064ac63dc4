"""Types and constants of the simulator, and `acquire_gym()`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from isaacgym._gym import Asset, Env, Gym

__all__ = ["Asset", "Env", "Gym"]

SIM_PHYSX, SIM_FLEX = 0, 1
UP_AXIS_Y, UP_AXIS_Z = 0, 1
DOF_MODE_NONE, DOF_MODE_POS, DOF_MODE_VEL, DOF_MODE_EFFORT = 0, 1, 2, 3
DOMAIN_ENV, DOMAIN_SIM, DOMAIN_ACTOR = 0, 1, 2
ENV_SPACE, LOCAL_SPACE, GLOBAL_SPACE = 0, 1, 2
IMAGE_COLOR, IMAGE_DEPTH, IMAGE_SEGMENTATION, IMAGE_OPTICAL_FLOW = 0, 1, 2, 3
MESH_NONE, MESH_VISUAL, MESH_COLLISION, MESH_VISUAL_AND_COLLISION = 0, 1, 2, 3
AXIS_NONE, AXIS_TRANSLATION, AXIS_ROTATION, AXIS_ALL = 0, 7, 56, 63
FROM_ASSET, COMPUTE_PER_VERTEX, COMPUTE_PER_FACE = 0, 1, 2
STATE_NONE, STATE_POS, STATE_VEL, STATE_ALL = 0, 1, 2, 3
KEY_ESCAPE, KEY_V, KEY_R = 0, 1, 2


@dataclass
class Vec3:
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0

    def __add__(self, other: Vec3) -> Vec3:
        return Vec3(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other: Vec3) -> Vec3:
        return Vec3(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor: float) -> Vec3:
        return Vec3(self.x * factor, self.y * factor, self.z * factor)

    __rmul__ = __mul__

    def __neg__(self) -> Vec3:
        return Vec3(-self.x, -self.y, -self.z)

    def cross(self, other: Vec3) -> Vec3:
        a, b = self, other
        return Vec3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)

    def dot(self, other: Vec3) -> float:
        return self.x * other.x + self.y * other.y + self.z * other.z

    def length(self) -> float:
        return math.sqrt(self.dot(self))

    def normalize(self) -> Vec3:
        return self * (1.0 / (self.length() or 1.0))


@dataclass
class Quat:
    """x y z w."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    w: float = 1.0

    @staticmethod
    def from_axis_angle(axis: Vec3, angle: float) -> Quat:
        unit = axis.normalize() * math.sin(0.5 * angle)
        return Quat(unit.x, unit.y, unit.z, math.cos(0.5 * angle))

    @staticmethod
    def from_euler_zyx(x: float, y: float, z: float) -> Quat:
        """Turns about fixed x, then y, then z, in rad."""
        about = [(Vec3(1, 0, 0), x), (Vec3(0, 1, 0), y), (Vec3(0, 0, 1), z)]
        roll, pitch, yaw = (Quat.from_axis_angle(axis, angle) for axis, angle in about)
        return yaw * pitch * roll

    def __mul__(self, other: Quat) -> Quat:
        a, b = Vec3(self.x, self.y, self.z), Vec3(other.x, other.y, other.z)
        v = b * self.w + a * other.w + a.cross(b)
        return Quat(v.x, v.y, v.z, self.w * other.w - a.dot(b))

    def inverse(self) -> Quat:
        return Quat(-self.x, -self.y, -self.z, self.w)

    def rotate(self, v: Vec3) -> Vec3:
        u = Vec3(self.x, self.y, self.z)
        twice = u.cross(v) * 2.0
        return v + twice * self.w + u.cross(twice)


@dataclass
class Transform:
    p: Vec3 = field(default_factory=Vec3)
    r: Quat = field(default_factory=Quat)

    def __mul__(self, other: Transform) -> Transform:
        return Transform(self.transform_point(other.p), self.r * other.r)

    def transform_point(self, v: Vec3) -> Vec3:
        return self.p + self.r.rotate(v)

    def transform_vector(self, v: Vec3) -> Vec3:
        return self.r.rotate(v)

    def inverse(self) -> Transform:
        back = self.r.inverse()
        return Transform(-back.rotate(self.p), back)


class Options:
    """A bag of settings: what a task sets is kept, what it reads without setting is 0."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return 0


class AssetOptions(Options): ...


class AttractorProperties(Options):
    def __init__(self) -> None:
        super().__init__(target=Transform(), offset=Transform(), axes=AXIS_NONE, stiffness=0.0, damping=0.0)


class VhacdParams(Options): ...


class CameraProperties(Options):
    def __init__(self) -> None:
        super().__init__(width=1600, height=900, enable_tensors=False)


class PlaneParams(Options):
    def __init__(self) -> None:
        super().__init__(normal=Vec3(0, 1, 0), static_friction=1.0, dynamic_friction=1.0, restitution=0.0)


class SimParams(Options):
    def __init__(self) -> None:
        physx = Options(use_gpu=False, num_threads=1)
        super().__init__(dt=1 / 60, substeps=2, up_axis=UP_AXIS_Z, gravity=Vec3(0, 0, -9.81), physx=physx)


def eulers_to_quats_zyx(eulers: np.ndarray) -> np.ndarray:
    """(B, 3) rad to (B, 4)."""
    quats = [Quat.from_euler_zyx(*map(float, row)) for row in eulers]
    return np.array([[q.x, q.y, q.z, q.w] for q in quats])


def acquire_gym(*unused: object) -> Gym:
    return Gym()
