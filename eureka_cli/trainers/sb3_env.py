"""A simulator as a Stable-Baselines3 VecEnv that gives no rewards and keeps what rewards are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from stable_baselines3.common.vec_env import VecEnv

from eureka_cli.core import Array, Rollout, Simulator
from eureka_cli.training import Seen


class OneSimulator(VecEnv):
    """Environments that are rows of one simulator: none is an object whose attributes or methods could be reached."""

    def close(self) -> None:
        pass

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        if attr_name == "render_mode":  # Stable-Baselines3 asks every environment for it: there is none
            return [None] * self.num_envs
        raise AttributeError(self._has_no(attr_name))

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise AttributeError(self._has_no(attr_name))

    def env_method(self, method_name: str, *arguments: Any, indices: Any = None, **options: Any) -> list[Any]:
        raise AttributeError(self._has_no(method_name))

    def _has_no(self, name: str) -> str:
        return f"The environments are rows of one simulator; none has {name!r} of its own."


class RecordingEnv(OneSimulator):
    """Steps all environments at once; rewards are zero until somebody fills them in."""

    def __init__(self, simulator: Simulator, steps: int, seeds: Array) -> None:
        spaces = simulator.spaces
        observation = Box(-np.inf, np.inf, (spaces.observation_size,), np.float32)
        action = Discrete(spaces.action_size) if spaces.discrete else Box(-1.0, 1.0, simulator.action_shape, np.float32)
        self._simulator, self._world_seeds = simulator, seeds
        super().__init__(simulator.num_envs, observation, action)
        lead = (steps, simulator.num_envs)
        self._ended = np.zeros(lead, bool)
        self._starts = np.zeros(lead, bool)
        self._fresh = np.ones(simulator.num_envs, bool)
        self._action = np.empty((*lead, *simulator.action_shape))
        kinds = {name: bool if name == "terminated" else float for name in simulator.fields}
        self._before = {name: np.empty((*lead, *shape), kinds[name]) for name, shape in simulator.fields.items()}
        self._after = {name: np.empty((*lead, *shape), kinds[name]) for name, shape in simulator.fields.items()}
        self._at = 0
        self._asked: Array = np.empty(0)

    def clear(self) -> None:
        """Begin a rollout."""
        self._at = 0

    def seen(self) -> Seen:
        """What was seen since `clear`, valid until the next one."""
        rollout = Rollout(state=self._before, action=self._action, next_state=self._after, starts=self._starts)
        return Seen(rollout, self._ended)

    # ------------------------------------------------------------ VecEnv

    def reset(self) -> Array:
        _, observation = self._simulator.reset(self._world_seeds)
        return observation.copy()

    def step_async(self, actions: Array) -> None:
        self._asked = actions

    def step_wait(self) -> tuple[Array, Array, Array, list[dict[str, Any]]]:
        step, t = self._simulator.step(self._asked), self._at
        self._starts[t], self._action[t] = self._fresh, step.action
        for name, before, after in zip(step.state._fields, step.state, step.next_state, strict=True):
            self._before[name][t], self._after[name][t] = before, after
        done = np.logical_or(step.terminated, step.truncated)
        self._ended[t], self._fresh = done, done
        self._at += 1
        infos: list[dict[str, Any]] = [{} for _ in done]
        for k in np.flatnonzero(done):
            cut = bool(step.truncated[k] and not step.terminated[k])
            infos[k] = {"terminal_observation": step.final_observation[k].copy(), "TimeLimit.truncated": cut}
        return step.observation.copy(), np.zeros(len(done), np.float32), done.copy(), infos

    def save(self) -> dict[str, Array]:
        return {**self._simulator.save(), "fresh": self._fresh.copy()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self._simulator.restore({name: value for name, value in arrays.items() if name != "fresh"})
        self._fresh = np.array(arrays["fresh"])

    def move(self, seeds: Array) -> None:
        """Other episodes from the next reset on."""
        self._world_seeds, self._fresh = seeds, np.ones(self.num_envs, bool)
