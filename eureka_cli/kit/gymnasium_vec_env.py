"""The task's environment with the found reward for Stable-Baselines3: one call of the reward a step for all copies."""

from __future__ import annotations

from typing import Any

import numpy as np
from environment import ForPolicy, Transitions, base
from scoring import Scorer
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv, VecEnvWrapper


class FoundRewardVecEnv(VecEnvWrapper):
    """Over a VecEnv whose environments are wrapped in `Transitions`."""

    def __init__(self, venv: VecEnv) -> None:
        super().__init__(venv)
        self._scorer = Scorer(self.num_envs)

    def reset(self) -> Any:
        self._scorer.restart()
        return self.venv.reset()

    def step_wait(self) -> Any:
        observation, _, done, infos = self.venv.step_wait()
        befores, actions, afters = zip(*(info.pop("transition") for info in infos), strict=True)
        total, components = self._scorer(_stacked(befores), np.concatenate(actions), _stacked(afters), done)
        for k, info in enumerate(infos):
            info["components"] = {name: float(value[k]) for name, value in components.items()}
        return observation, total.astype(np.float32), done, infos


def _stacked(states: Any) -> Any:
    return type(states[0])(*(np.concatenate(field) for field in zip(*states, strict=True)))


def make_vec(count: int, seed: int = 0) -> FoundRewardVecEnv:
    """What train.py trains in. For slow environments put SubprocVecEnv in place of DummyVecEnv."""
    env = FoundRewardVecEnv(DummyVecEnv([lambda: ForPolicy(Transitions(base()))] * count))
    env.seed(seed)
    return env
