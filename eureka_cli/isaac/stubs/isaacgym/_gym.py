"""`Gym`: keeps count of what a task creates, hands out tensors of the shapes that follow, simulates nothing.

How many joints and bodies an asset has stands in its file, which need not be here: LAYOUT says how many to assume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

MISSING = "isaacgym is a stand-in here and cannot simulate: install NVIDIA's Isaac Gym Preview 4 (Python 3.8, CUDA)."
DOF_PROPERTIES = np.dtype(
    [("hasLimits", bool), ("lower", "f4"), ("upper", "f4"), ("driveMode", "i4")]
    + [(name, "f4") for name in ("velocity", "effort", "stiffness", "damping", "friction", "armature")]
)


class Layout(NamedTuple):
    """What every asset read from a file is assumed to hold."""

    num_envs: int = 4
    dofs: int = 29
    bodies: int = 67
    first: int = 0
    """Joints of the asset that is loaded first, the robot; 0 where it is as the others."""


LAYOUT = [Layout()]
"""One, to be replaced before a task is made."""


@dataclass
class Asset:
    dofs: int
    bodies: int
    sensors: int = 0


@dataclass
class Env:
    actors: list[Asset] = field(default_factory=list)
    first: int = 0
    """Number of its first actor in the simulation."""


@dataclass
class Sim:
    envs: list[Env] = field(default_factory=list)

    def total(self, what: str) -> int:
        return sum(getattr(asset, what) for env in self.envs for asset in env.actors)


class Acquired(Tensor):
    """A tensor of the simulator: where the assumed counts do not fit how the task views it, the view is believed."""

    def view(self, *shape: Any) -> Tensor:
        try:
            return super().view(*shape)
        except RuntimeError:
            wanted = shape[0] if isinstance(shape[0], Sequence) else shape
            return torch.zeros([max(int(extent), 1) for extent in wanted])


def _zeros(*shape: int) -> Tensor:
    return torch.zeros(*shape).as_subclass(Acquired)


class Gym:
    """The methods that public task files call, with the arguments they call them with."""

    def __init__(self) -> None:
        self._sim = Sim()
        self._loaded = False
        self._tensors: dict[str, Tensor] = {}

    # ------------------------------------------------------------ making a world

    def create_sim(self, compute_device: int = 0, graphics_device: int = 0, type: int = 0, params: Any = None) -> Sim:
        return self._sim

    def prepare_sim(self, sim: Sim) -> bool:
        return True

    def add_ground(self, sim: Sim, params: Any) -> None: ...

    def load_asset(self, sim: Sim, rootpath: str, filename: str, options: Any = None) -> Asset:
        layout = LAYOUT[0]
        dofs = layout.first if layout.first and not self._loaded else layout.dofs
        self._loaded = True
        return Asset(dofs, layout.bodies)

    def create_box(self, sim: Sim, width: float, height: float, depth: float, options: Any = None) -> Asset:
        return Asset(0, 1)

    def create_sphere(self, sim: Sim, radius: float, options: Any = None) -> Asset:
        return Asset(0, 1)

    def create_env(self, sim: Sim, lower: Any, upper: Any, num_per_row: int) -> Env:
        sim.envs.append(Env(first=sum(len(env.actors) for env in sim.envs)))
        return sim.envs[-1]

    def create_actor(
        self, env: Env, asset: Asset, pose: Any, name: str = "", group: int = -1, filter: int = -1, seg_id: int = 0
    ) -> int:
        env.actors.append(asset)
        return len(env.actors) - 1

    def create_asset_force_sensor(self, asset: Asset, body_idx: int, local_pose: Any, props: Any = None) -> int:
        asset.sensors += 1
        return asset.sensors - 1

    def create_camera_sensor(self, env: Env, props: Any) -> int:
        return 0

    def create_rigid_body_attractor(self, env: Env, props: Any) -> int:
        return 0

    def create_texture_from_file(self, sim: Sim, filename: str) -> int:
        return 0

    def create_viewer(self, sim: Sim, props: Any) -> None: ...

    def begin_aggregate(self, env: Env, max_bodies: int, max_shapes: int, self_collisions: bool) -> bool:
        return True

    def end_aggregate(self, env: Env) -> bool:
        return True

    # ------------------------------------------------------------ asking about assets and actors

    def get_asset_dof_count(self, asset: Asset) -> int:
        return asset.dofs

    get_asset_joint_count = get_asset_actuator_count = get_asset_tendon_count = get_asset_dof_count

    def get_asset_rigid_body_count(self, asset: Asset) -> int:
        return asset.bodies

    get_asset_rigid_shape_count = get_asset_rigid_body_count

    def get_asset_dof_names(self, asset: Asset) -> list[str]:
        return [f"dof_{k}" for k in range(asset.dofs)]

    def get_asset_rigid_body_names(self, asset: Asset) -> list[str]:
        return [f"body_{k}" for k in range(asset.bodies)]

    def get_asset_rigid_body_name(self, asset: Asset, index: int) -> str:
        return f"body_{index}"

    def get_asset_actuator_joint_name(self, asset: Asset, index: int) -> str:
        return f"dof_{index}"

    get_asset_dof_name = get_asset_actuator_joint_name

    def get_asset_tendon_name(self, asset: Asset, index: int) -> str:
        return f"tendon_{index}"

    def find_asset_dof_index(self, asset: Asset, name: str) -> int:
        return _number(name, asset.dofs)

    def find_asset_rigid_body_index(self, asset: Asset, name: str) -> int:
        return _number(name, asset.bodies)

    def find_actor_rigid_body_handle(self, env: Env, actor: int, name: str) -> int:
        return _number(name, env.actors[actor].bodies)

    def get_asset_dof_properties(self, asset: Asset) -> np.ndarray:
        properties = np.zeros(asset.dofs, DOF_PROPERTIES)
        properties["lower"], properties["upper"] = -1.0, 1.0
        return properties

    def get_actor_dof_properties(self, env: Env, actor: int) -> np.ndarray:
        return self.get_asset_dof_properties(env.actors[actor])

    def get_asset_actuator_properties(self, asset: Asset) -> list[SimpleNamespace]:
        return [SimpleNamespace(motor_effort=1.0) for _ in range(asset.dofs)]

    def get_asset_tendon_properties(self, asset: Asset) -> list[SimpleNamespace]:
        return [SimpleNamespace(limit_stiffness=0.0, damping=0.0) for _ in range(asset.dofs)]

    def get_actor_rigid_body_properties(self, env: Env, actor: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(mass=1.0) for _ in range(env.actors[actor].bodies)]

    def get_actor_rigid_shape_properties(self, env: Env, actor: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(friction=1.0) for _ in range(env.actors[actor].bodies)]

    def get_actor_rigid_body_count(self, env: Env, actor: int) -> int:
        return env.actors[actor].bodies

    def get_actor_index(self, env: Env, actor: int, domain: int) -> int:
        return env.first + actor

    def get_sim_dof_count(self, sim: Sim) -> int:
        return sim.total("dofs")

    def get_sim_actor_count(self, sim: Sim) -> int:
        return sum(len(env.actors) for env in sim.envs)

    def get_env_origin(self, env: Env) -> Any:
        return SimpleNamespace(x=0.0, y=0.0, z=0.0)

    def get_rigid_transform(self, env: Env, body: int) -> Any:
        from isaacgym.gymapi import Transform

        return Transform()

    # ------------------------------------------------------------ setting: accepted and forgotten

    def _set(self, *given: Any) -> bool:
        return True

    set_actor_dof_properties = set_actor_rigid_shape_properties = set_actor_rigid_body_properties = _set
    set_asset_tendon_properties = set_rigid_body_color = set_rigid_body_texture = set_camera_location = _set
    set_actor_root_state_tensor = set_actor_root_state_tensor_indexed = _set
    set_dof_state_tensor = set_dof_state_tensor_indexed = _set
    set_dof_position_target_tensor = set_dof_position_target_tensor_indexed = _set
    set_dof_velocity_target_tensor = set_dof_actuation_force_tensor = _set
    apply_rigid_body_force_tensors = enable_actor_dof_force_sensors = _set
    refresh_actor_root_state_tensor = refresh_dof_state_tensor = refresh_rigid_body_state_tensor = _set
    refresh_dof_force_tensor = refresh_force_sensor_tensor = refresh_net_contact_force_tensor = _set
    render_all_camera_sensors = start_access_image_tensors = end_access_image_tensors = _set
    viewer_camera_look_at = add_lines = clear_lines = subscribe_viewer_keyboard_event = _set

    # ------------------------------------------------------------ tensors

    def acquire_actor_root_state_tensor(self, sim: Sim) -> Tensor:
        """(actors, 13): position, quaternion x y z w, linear and angular velocity."""
        return self._tensor("root", self.get_sim_actor_count(sim), 13)

    def acquire_dof_state_tensor(self, sim: Sim) -> Tensor:
        """(dofs, 2): position, velocity."""
        return self._tensor("dof", sim.total("dofs"), 2)

    def acquire_rigid_body_state_tensor(self, sim: Sim) -> Tensor:
        """(bodies, 13), as the roots."""
        return self._tensor("body", sim.total("bodies"), 13)

    def acquire_dof_force_tensor(self, sim: Sim) -> Tensor:
        """(dofs,)"""
        return self._tensor("force", sim.total("dofs"))

    def acquire_force_sensor_tensor(self, sim: Sim) -> Tensor:
        """(sensors, 6): force, torque."""
        return self._tensor("sensor", sim.total("sensors"), 6)

    def acquire_net_contact_force_tensor(self, sim: Sim) -> Tensor:
        """(bodies, 3)"""
        return self._tensor("contact", sim.total("bodies"), 3)

    def _tensor(self, name: str, *shape: int) -> Tensor:
        """Zeros; orientations begin as no turn."""
        if name not in self._tensors:
            values = _zeros(*shape)
            if shape[-1] == 13:
                values[:, 6] = 1.0
            self._tensors[name] = values
        return self._tensors[name]

    def get_camera_image_gpu_tensor(self, sim: Sim, env: Env, camera: int, kind: int) -> Tensor:
        return _zeros(256, 256) if kind else _zeros(256, 256, 4)

    def get_camera_view_matrix(self, sim: Sim, env: Env, camera: int) -> np.ndarray:
        return np.eye(4)

    get_camera_proj_matrix = get_camera_view_matrix

    # ------------------------------------------------------------ what it cannot do

    def simulate(self, sim: Sim) -> None:
        raise RuntimeError(MISSING)

    def fetch_results(self, sim: Sim, wait: bool) -> None:
        raise RuntimeError(MISSING)


def _number(name: str, count: int) -> int:
    """`body_7` is 7; a name from the asset's file, which is not here, is the first."""
    digits = name.rpartition("_")[2]
    return int(digits) % count if digits.isdecimal() else 0
