"""The task's world with the found reward as a Stable-Baselines3 VecEnv: all copies step, and are paid, at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from environment import action_space, observation_space, simulator
from scoring import Scorer

from eureka_cli.trainers.sb3_env import OneSimulator


class FoundRewardVecEnv(OneSimulator):
    """`count` copies of the world; episodes follow from `seed` alone."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self._world = simulator(count)
        self._scorer = Scorer(count)
        self._chance = np.random.SeedSequence(seed)
        self._asked: Any = None
        super().__init__(count, observation_space(self._world), action_space(self._world))

    def reset(self) -> Any:
        if any(seed is not None for seed in self._seeds):  # as `env.seed` or the algorithm set them
            seeds: Any = np.array(self._seeds, np.uint64)
        else:
            seeds = self._chance.spawn(1)[0].generate_state(self.num_envs, np.uint64)
        _, observation = self._world.reset(seeds)
        self._scorer.restart()
        self._reset_seeds()
        return observation.copy()

    def step_async(self, actions: Any) -> None:
        self._asked = actions

    def step_wait(self) -> Any:
        step = self._world.step(self._asked)
        done = np.logical_or(step.terminated, step.truncated)
        total, components = self._scorer(step.state, step.action, step.next_state, done)
        infos: list[dict[str, Any]] = [
            {"components": {name: float(value[k]) for name, value in components.items()}} for k in range(self.num_envs)
        ]
        for k in np.flatnonzero(done):
            cut = bool(step.truncated[k] and not step.terminated[k])
            infos[k] |= {"terminal_observation": step.final_observation[k].copy(), "TimeLimit.truncated": cut}
        return step.observation.copy(), total.astype(np.float32), done.copy(), infos


def make_vec(count: int, seed: int = 0) -> FoundRewardVecEnv:
    """What train.py trains in."""
    return FoundRewardVecEnv(count, seed)
