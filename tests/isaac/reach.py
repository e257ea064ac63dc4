"""A task in the style of IsaacGymEnvs, written for the tests."""

import numpy as np
import torch
from isaacgym import gymapi, gymtorch
from isaacgymenvs.tasks.base.vec_task import VecTask
from isaacgymenvs.utils.torch_jit_utils import *
from notinstalled.viewer import PointCloud


class Reach(VecTask):
    def __init__(self, cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render):
        self.cfg = cfg
        self.max_episode_length = self.cfg["env"]["episodeLength"]
        self.speed_scale = self.cfg["env"]["speedScale"]
        self.obs_type = self.cfg["env"]["observationType"]
        if self.obs_type not in ["short", "full_state"]:
            raise ValueError("observationType should be one of: [short, full_state]")
        self.cfg["env"]["numObservations"] = {"short": 6, "full_state": 13}[self.obs_type]
        self.cfg["env"]["numActions"] = 3
        super().__init__(
            self.cfg, rl_device, sim_device, graphics_device_id, headless, virtual_screen_capture, force_render
        )
        root = self.gym.acquire_actor_root_state_tensor(self.sim)
        sensors = self.gym.acquire_force_sensor_tensor(self.sim)
        self.root_states = gymtorch.wrap_tensor(root)
        self.touch = gymtorch.wrap_tensor(sensors).view(self.num_envs, 2 * 6)
        self.dof_state = gymtorch.wrap_tensor(self.gym.acquire_dof_state_tensor(self.sim))
        self.dof_pos = self.dof_state.view(self.num_envs, self.num_dof, 2)[..., 0]
        self.goal = to_torch([0.5, 0.0, 0.5], device=self.device).repeat((self.num_envs, 1))

    def create_sim(self):
        self.sim = super().create_sim(self.device_id, self.graphics_device_id, self.physics_engine, self.sim_params)
        plane = gymapi.PlaneParams()
        plane.normal = gymapi.Vec3(0.0, 0.0, 1.0)
        self.gym.add_ground(self.sim, plane)
        asset = self.gym.load_asset(self.sim, "assets", "arm.urdf", gymapi.AssetOptions())
        self.num_dof = self.gym.get_asset_dof_count(asset)
        side = int(np.sqrt(self.num_envs))
        for i in range(self.num_envs):
            env = self.gym.create_env(self.sim, gymapi.Vec3(), gymapi.Vec3(1, 1, 1), side)
            self.gym.create_actor(env, asset, gymapi.Transform(), "arm", i, 1, 0)

    def compute_observations(self):
        self.gym.refresh_actor_root_state_tensor(self.sim)
        self.tip_pos = self.root_states[:, 0:3]  # m
        self.tip_rot = self.root_states[:, 3:7]
        if self.obs_type == "full_state":
            self.compute_full_state()
        self.compute_bonus_secret()

    def compute_full_state(self):
        self.obs_buf[:] = reach_observations(self.tip_pos, self.tip_rot, self.goal, self.dof_pos, self.speed_scale)

    def compute_bonus_secret(self):
        self.secret_bonus = torch.zeros(self.num_envs)

    def compute_reward(self, actions):
        self.rew_buf[:] = compute_reach_reward(self.tip_pos, self.goal, self.speed_scale)

    def post_physics_step(self):
        self.compute_observations()
        self.compute_reward(self.actions)


@torch.jit.script
def reach_observations(tip_pos, tip_rot, goal, dof_pos, speed_scale):
    # type: (Tensor, Tensor, Tensor, Tensor, float) -> Tensor
    up = quat_axis(tip_rot, 2)
    return torch.cat((tip_pos, goal - tip_pos, up, dof_pos * speed_scale, torch.ones_like(tip_pos[:, :1])), dim=-1)


@torch.jit.script
def compute_reach_reward(tip_pos, goal, speed_scale):
    # type: (Tensor, Tensor, float) -> Tensor
    return torch.exp(-torch.norm(tip_pos - goal, dim=-1) * speed_scale)
