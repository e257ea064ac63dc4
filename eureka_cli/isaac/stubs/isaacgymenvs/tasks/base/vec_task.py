"""The base class of IsaacGymEnvs' tasks: buffers and the order in which a task is made."""

from __future__ import annotations

from typing import Any

import torch
from isaacgym import gymapi
from isaacgym._gym import LAYOUT
from torch import Tensor


class VecTask:
    """A task on the stand-in. `config` needs `env.numObservations` and `env.numActions`, which tasks set themselves."""

    def __init__(
        self,
        config: Any,
        rl_device: str = "cpu",
        sim_device: str = "cpu",
        graphics_device_id: int = -1,
        headless: bool = True,
        virtual_screen_capture: bool = False,
        force_render: bool = False,
    ) -> None:
        self.device = self.rl_device = "cpu"
        self.device_id, self.graphics_device_id, self.headless = 0, -1, True
        env = config["env"]
        self.num_environments = self.num_envs = LAYOUT[0].num_envs
        self.num_observations = self.num_obs = int(env.get("numObservations", 0))
        self.num_states = int(env.get("numStates", 0))
        self.num_actions = self.num_acts = int(env.get("numActions", 0))
        self.control_freq_inv = int(env.get("controlFrequencyInv", 1))
        self.num_agents = int(env.get("numAgents", 1))
        self.clip_obs = self.clip_actions = float("inf")
        self.sim_params, self.physics_engine, self.viewer = gymapi.SimParams(), gymapi.SIM_PHYSX, None
        self.gym = gymapi.acquire_gym()
        self.sim: Any = None
        self.create_sim()
        self.allocate_buffers()

    def create_sim(self, *given: Any) -> Any:
        return self.gym.create_sim(*given)

    def allocate_buffers(self) -> None:
        rows = self.num_envs
        self.obs_buf, self.states_buf = torch.zeros(rows, self.num_obs), torch.zeros(rows, self.num_states)
        self.actions, self.rew_buf = torch.zeros(rows, self.num_actions), torch.zeros(rows)
        self.reset_buf = torch.ones(rows, dtype=torch.long)
        self.timeout_buf, self.progress_buf, self.randomize_buf = (torch.zeros_like(self.reset_buf) for _ in range(3))
        self.extras: dict[str, Any] = {}
        self.obs_dict: dict[str, Tensor] = {}

    def apply_randomizations(self, dr_params: Any) -> None: ...

    def step(self, actions: Tensor) -> None:
        self.gym.simulate(self.sim)
