"""The task's environment with the found reward in place of its own: Gymnasium and NumPy, nothing of reward-synth.

`FoundReward` wraps an environment you made; `make` makes one as the policy was trained in it.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import env as world
import gymnasium
import numpy as np
from gymnasium import spaces
from scoring import Scorer

HERE = Path(__file__).resolve().parent
WORLD = json.loads((HERE / "card.json").read_text())["world"]
try:
    import task  # ends episodes by a rule of its own, in some tasks
except ImportError:
    task = None


class Transitions(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Leaves (state, action, next_state) of each step in `info["transition"]`, fields (1, ...); the reward is 0."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self._steps = 0
        self._state: Any = None

    def reset(self, *, seed: int | None = None, **how: Any) -> tuple[Any, dict[str, Any]]:
        own = getattr(self.env.unwrapped, "seed", None)
        if seed is not None and callable(own):  # what came before reset(seed): Meta-World draws its goals by it
            own(seed)
        observation, info = _seeded(seed, lambda: self.env.reset(seed=seed, **how))
        self._steps, self._state = 0, self._read(observation, False)
        return observation, info

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        before = self._state
        observation, _, terminated, truncated, info = self.env.step(action)
        self._steps += 1
        after = self._read(observation, bool(terminated))
        if hasattr(task, "terminated") and task.terminated(np, after)[0]:
            terminated, after = True, after._replace(terminated=np.ones(1, bool))
        self._state = after
        taken = np.asarray(action)[None] if np.ndim(action) == 0 else np.asarray(action, float).reshape(1, -1)
        return observation, 0.0, bool(terminated), bool(truncated), {**info, "transition": (before, taken, after)}

    def _read(self, observation: Any, terminated: bool) -> Any:
        found = world.read(self.env.unwrapped, observation)
        fields = {name: np.array(value, float)[None] for name, value in found.items()}
        time = np.array([self._steps * WORLD["dt"]])
        return world.State(time=time, terminated=np.array([terminated]), **fields)


class FoundReward(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Pays the found reward; `info["components"]` says what it is made of."""

    def __init__(self, env: Any) -> None:
        super().__init__(Transitions(env))
        self._scorer = Scorer(1)

    def reset(self, **how: Any) -> tuple[Any, dict[str, Any]]:
        self._scorer.restart()
        return self.env.reset(**how)

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        observation, _, terminated, truncated, info = self.env.step(action)
        total, components = self._scorer(*info.pop("transition"), np.array([terminated or truncated]))
        info["components"] = {name: float(value[0]) for name, value in components.items()}
        return observation, float(total[0]), terminated, truncated, info


class ForPolicy(gymnasium.Wrapper[Any, Any, Any, Any]):
    """What policies here see and do: one vector (d,) float32; actions in [-1, 1] mapped to the environment's range."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self._seen = env.observation_space
        size = len(self._vector(self._seen.sample())) if not hasattr(world, "observe") else WORLD["observation_size"]
        self.observation_space = spaces.Box(-np.inf, np.inf, (size,), np.float32)
        box = env.action_space
        if isinstance(box, spaces.Box):
            bounded = np.isfinite(box.low) & np.isfinite(box.high)
            self._middle = np.where(bounded, (box.low.astype(float) + box.high) / 2, 0.0)
            self._half = np.where(bounded, (box.high.astype(float) - box.low) / 2, 1.0)
            self.action_space = spaces.Box(-1.0, 1.0, box.shape, np.float32)
        else:
            self.action_space = spaces.Discrete(int(box.n))

    def reset(self, **how: Any) -> tuple[Any, dict[str, Any]]:
        observation, info = self.env.reset(**how)
        return self._shown(observation), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        box = self.env.action_space
        if isinstance(box, spaces.Box):
            own: Any = (self._middle + np.clip(action, -1, 1) * self._half).astype(box.dtype)
        else:
            own = int(action) + int(box.start)
        observation, paid, terminated, truncated, info = self.env.step(own)
        return self._shown(observation), paid, terminated, truncated, info

    def _shown(self, observation: Any) -> Any:
        if hasattr(world, "observe"):
            state = self.env.get_wrapper_attr("_state")
            return np.array(world.observe(np, state)[0], np.float32)
        return self._vector(observation)

    def _vector(self, observation: Any) -> Any:
        return np.concatenate([np.asarray(part, np.float32).ravel() for part in _parts(self._seen, observation)])


def _parts(space: Any, value: Any) -> list[Any]:
    """The numbers of an observation, in order; texts are left out, choices one-hot."""
    if isinstance(space, spaces.Dict | spaces.Tuple):
        inner = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces)
        return [part for key, each in inner for part in _parts(each, value[key])]
    if isinstance(space, spaces.Text) or type(space).__name__ == "MissionSpace":
        return []
    return [spaces.flatten(space, value)]


def _seeded(seed: int | None, call: Any) -> Any:
    """What `call` gives with the global generators at `seed`, which packages without one of their own draw from."""
    before = np.random.get_state(), random.getstate()
    if seed is not None:
        np.random.seed(seed % 2**32)
        random.seed(seed)
    try:
        return call()
    finally:
        if seed is not None:
            np.random.set_state(before[0])
            random.setstate(before[1])


def base(**more: Any) -> Any:
    """The environment as it comes, with its own reward; `more` goes to gymnasium.make."""
    for name in WORLD["packages"]:
        module = importlib.import_module(name.removesuffix(".py"))
        if not name.endswith(".py"):
            gymnasium.register_envs(module)
    own = world.kwargs(WORLD["params"]) if hasattr(world, "kwargs") else {}
    arguments = {**WORLD["kwargs"], **own, "max_episode_steps": WORLD["horizon"], "disable_env_checker": True, **more}
    return _seeded(0, lambda: gymnasium.make(WORLD["id"], **arguments))  # some draw their goals as they are made


def make(**more: Any) -> ForPolicy:
    """The environment of policy.py, policy.zip and train.py."""
    return ForPolicy(FoundReward(base(**more)))
