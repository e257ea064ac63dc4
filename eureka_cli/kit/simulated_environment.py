"""The task's world with the found reward, as a Gymnasium environment. `pip install reward-synth` brings the simulator.

The world is env.py (and model.xml) beside this file, so it stays what the reward was found in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from scoring import Scorer

from eureka_cli import simulators

HERE = Path(__file__).resolve().parent
WORLD = json.loads((HERE / "card.json").read_text())["world"]


def simulator(count: int) -> Any:
    """`count` copies of the world that step together, without any reward (eureka_cli.core.Simulator)."""
    paths = {"env": str(HERE / "env.py"), "task": str(HERE / "task.py"), "cache": str(HERE / ".cache")}
    return simulators.make(WORLD, paths, num_envs=count)


def observation_space(world: Any) -> Box:
    return Box(-np.inf, np.inf, (world.spaces.observation_size,), np.float32)


def action_space(world: Any) -> Box | Discrete:
    if world.spaces.discrete:
        return Discrete(world.spaces.action_size)
    return Box(-1.0, 1.0, world.action_shape, np.float32)


class FoundReward(gymnasium.Env[Any, Any]):
    """One copy of the world. `info["components"]` says what the reward is made of, `info["state"]` what it saw last."""

    def __init__(self) -> None:
        self._world = simulator(1)
        self._scorer = Scorer(1)
        self.observation_space, self.action_space = observation_space(self._world), action_space(self._world)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        chosen = self.np_random.integers(2**63) if seed is None else seed
        _, observation = self._world.reset(np.array([chosen], np.uint64))
        self._scorer.restart()
        return observation[0].copy(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        step = self._world.step(np.asarray(action)[None])
        total, components = self._scorer(step.state, step.action, step.next_state, step.terminated | step.truncated)
        info = {
            "components": {name: float(value[0]) for name, value in components.items()},
            "state": {name: np.array(value[0]) for name, value in step.next_state._asdict().items()},
        }
        ended = bool(step.terminated[0]), bool(step.truncated[0])
        return step.final_observation[0].copy(), float(total[0]), *ended, info


def make() -> FoundReward:
    """The environment of policy.py, policy.zip and train.py."""
    return FoundReward()
