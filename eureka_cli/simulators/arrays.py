"""Worlds that are nothing but arrays: an env.py without a model, whose `advance` is the whole physics.

    class Episode(NamedTuple)                   the variables of an episode, each (B, ...)
    reset(xp, u, params) -> Episode             from uniform noise u (B, NOISE)
    advance(xp, episode, action, u, params)     the Episode one step of DT seconds later; u is (B, STEP_NOISE)
    read(xp, episode, time, params) -> State    observe(xp, state)   terminated(xp, state)
    DISCRETE (number of choices) or ACTIONS (dimensions of a Box), and paint(xp, state) where it can be drawn

No function may let rows know each other: then an episode follows from its seed, its number and its actions alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from eureka_cli.core import Array, Spaces, State, Step
from eureka_cli.simulators.seeding import stepwise, uniforms

ALL = slice(None)


class ArrayWorld:
    """Environments of one env.py side by side. See core.Simulator for the seam."""

    def __init__(
        self, env: ModuleType, *, task: ModuleType | None, params: Mapping[str, Any], horizon: int, num_envs: int
    ) -> None:
        self.num_envs, self.horizon, self.params = num_envs, horizon, params
        self.dt = float(env.DT)
        self._env = env
        self._terminated = getattr(task, "terminated", None) or env.terminated
        choices = int(getattr(env, "DISCRETE", 0))
        self._discrete = choices > 0
        self._seeds = np.zeros(num_envs, np.uint64)
        self._episodes = np.zeros(num_envs, np.uint64)
        self._steps = np.zeros(num_envs, np.int64)
        state, observation = self.reset(np.arange(num_envs, dtype=np.uint64))
        size = observation.shape[1]
        self.spaces = Spaces(size, choices, True) if choices else Spaces(size, int(env.ACTIONS))
        self.action_shape: tuple[int, ...] = () if choices else (int(env.ACTIONS),)
        self.fields = {name: value.shape[1:] for name, value in zip(state._fields, state, strict=True)}

    # ------------------------------------------------------------ episodes

    def reset(self, seeds: Array) -> tuple[State, Array]:
        """Start every environment on the first episode of its seed."""
        self._seeds[:], self._episodes[:], self._steps[:] = seeds, 0, 0
        self._episode = self._begun(ALL)
        self._state = self._read()
        return self._state, self._observe(self._state)

    def _begun(self, rows: Array | slice) -> Any:
        noise = uniforms(self._seeds[rows], self._episodes[rows], self._env.NOISE)
        return self._env.reset(np, noise, self.params)

    def step(self, action: Array) -> Step:
        before = self._state
        taken = np.asarray(action, float) if self._discrete else np.clip(np.asarray(action, float), -1.0, 1.0)
        noise = stepwise(self._seeds, self._episodes, self._steps, self._env.STEP_NOISE)
        chosen = taken.astype(np.int64) if self._discrete else taken
        self._episode = self._env.advance(np, self._episode, chosen, noise, self.params)
        self._steps += 1
        after = self._read()
        terminated = np.asarray(self._terminated(np, after), bool)
        after = after._replace(terminated=terminated)
        truncated = (self._steps >= self.horizon) & ~terminated
        observation = final = self._observe(after)
        self._state = after
        ended = terminated | truncated
        if ended.any():
            self._begin_next(ended)
            begun = self._read(ended)
            self._state = _replaced(after, ended, begun)
            observation = final.copy()
            observation[ended] = self._observe(begun)
        return Step(before, taken, after, observation, final, terminated, truncated)

    def _begin_next(self, rows: Array) -> None:
        self._episodes[rows] += np.uint64(1)
        self._steps[rows] = 0
        self._episode = _replaced(self._episode, rows, self._begun(rows))

    def _read(self, rows: Array | slice = ALL) -> State:
        """As rewards will see it: numbers in float64, `terminated` as bool."""
        episode = self._episode if rows is ALL else type(self._episode)(*(value[rows] for value in self._episode))
        state = self._env.read(np, episode, self._steps[rows] * self.dt, self.params)
        kinds = (bool if name == "terminated" else float for name in state._fields)
        return type(state)(*(np.array(value, kind, order="C") for value, kind in zip(state, kinds, strict=True)))

    def _observe(self, state: State) -> Array:
        return np.array(self._env.observe(np, state), np.float32, copy=None)

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        """The variables of the episodes, seeds and counters: noise follows from the latter."""
        arrays = {"seeds": self._seeds.copy(), "episodes": self._episodes.copy(), "steps": self._steps.copy()}
        return arrays | {f"episode/{name}": np.array(value) for name, value in self._episode._asdict().items()}

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]:
        self._seeds[:], self._episodes[:], self._steps[:] = arrays["seeds"], arrays["episodes"], arrays["steps"]
        kind = type(self._episode)
        self._episode = kind(*(np.array(arrays[f"episode/{name}"]) for name in kind._fields))
        self._state = self._read()
        return self._state, self._observe(self._state)

    def picture(self) -> Array | None:
        """(h, w, 3) uint8 of the first environment, as the env.py paints it; None where it does not."""
        if not hasattr(self._env, "paint"):
            return None
        pixels: Array = self._env.paint(np, self._state)[0]
        return pixels


def _replaced(given: Any, rows: Array, begun: Any) -> Any:
    """A named tuple of arrays with the rows of new episodes; given arrays stay as they were."""
    columns = []
    for old, new in zip(given, begun, strict=True):
        column = np.array(old)
        column[rows] = new
        columns.append(column)
    return type(given)(*columns)


def make(
    env: ModuleType, *, task: ModuleType | None, params: Mapping[str, Any], horizon: int, num_envs: int
) -> ArrayWorld:
    return ArrayWorld(env, task=task, params=params, horizon=horizon, num_envs=num_envs)
