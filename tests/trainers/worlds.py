"""Two worlds whose best policy and value are known by arithmetic."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

import numpy as np

from eureka_cli.core import Rewards, Spaces, Step


class State(NamedTuple):
    time: Any
    terminated: Any
    target: Any


class Copy:
    """Observe a random number, act it. Episodes last `horizon` steps and are cut by the limit."""

    dt = 1.0
    fields: ClassVar = {"time": (), "terminated": (), "target": ()}

    def __init__(self, num_envs: int, *, horizon: int = 8, discrete: bool = False) -> None:
        self.num_envs, self.horizon = num_envs, horizon
        self.spaces = Spaces(1, 3 if discrete else 1, discrete)
        self.action_shape = () if discrete else (1,)
        self._discrete = discrete

    def _draw(self):
        if self._discrete:
            return self._rng.integers(0, 3, self.num_envs) - 1.0
        return self._rng.uniform(-0.8, 0.8, self.num_envs)

    def _state(self) -> State:
        return State(self._clock.astype(float), np.zeros(self.num_envs, bool), self._target)

    def reset(self, seeds):
        self._rng = np.random.default_rng(int(seeds[0]))
        self._clock = np.zeros(self.num_envs, int)
        self._target = self._draw()
        return self._state(), self._target[:, None].astype(np.float32)

    def step(self, action):
        before = self._state()
        self._clock = self._clock + 1
        self._target = self._draw()
        after = self._state()
        truncated = self._clock >= self.horizon
        final = self._target[:, None].astype(np.float32)
        self._clock = np.where(truncated, 0, self._clock)
        taken = np.asarray(action, float) if self._discrete else np.clip(np.asarray(action, float), -1, 1)
        return Step(before, taken, after, final.copy(), final, np.zeros(self.num_envs, bool), truncated)

    def save(self):
        import json

        state = json.dumps(self._rng.bit_generator.state).encode()
        return {"rng": np.frombuffer(state, np.uint8), "clock": self._clock, "target": self._target}

    def restore(self, arrays):
        import json

        self._rng = np.random.default_rng()
        self._rng.bit_generator.state = json.loads(np.asarray(arrays["rng"]).tobytes())
        self._clock, self._target = np.array(arrays["clock"]), np.array(arrays["target"])
        return self._state(), self._target[:, None].astype(np.float32)


def copying(rollout, memory):
    """0 when the action copies the target seen, negative otherwise."""
    target, action = rollout.state["target"], rollout.action
    missed = (action - 1 != target) if action.ndim == 2 else np.abs(action[..., 0] - target)
    miss = -missed.astype(float)
    return Rewards(miss, {"miss": miss}, None)


def constant(rollout, memory):
    ones = np.ones(rollout.starts.shape)
    return Rewards(ones, {"one": ones}, None)
