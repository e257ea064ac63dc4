"""Any Gymnasium environment, in this process, behind the simulator seam. Its own reward is never read.

State is what a live environment can be asked for: the observation, and for MuJoCo ids every named joint, body and
site. Actions in [-1, 1] are mapped to the range of a bounded Box; rewards see them in the environment's own units.
"""

from __future__ import annotations

import collections
import contextlib
import importlib
import inspect
import io
import re
from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium import spaces

from eureka_cli.core import Array, Spaces, State, Step
from eureka_cli.errors import JobFailed, UsageError

DEFAULT_HORIZON = 1000
LATE_PACKAGES = ("gymnasium_robotics", "minigrid")
"""Packages whose ids appear only after an import."""
FREE, BALL = 0, 1
SUCCESS = ("success", "is_success")


def make(gym_id: str, *, horizon: int | None, num_envs: int) -> GymnasiumBatch:
    """`num_envs` copies of a registered id. Raises UsageError with the cure for what cannot be flattened."""
    _spec(gym_id)
    return GymnasiumBatch(gym_id, horizon=horizon, num_envs=num_envs)


def _spec(gym_id: str) -> Any:
    try:
        return gym.spec(gym_id)
    except gym.error.Error as error:
        for package in LATE_PACKAGES:
            with contextlib.suppress(ImportError), contextlib.redirect_stdout(io.StringIO()):
                gym.register_envs(importlib.import_module(package))
        with contextlib.suppress(gym.error.Error):
            return gym.spec(gym_id)
        cure = "Install its package, or check the id."
        raise UsageError(f"No environment {gym_id!r} is registered. {error} {cure}") from None


def _create(gym_id: str) -> Any:
    """One environment without time limit or checker; both are ours here."""
    spec = _spec(gym_id)
    try:
        return gym.make(spec, max_episode_steps=-1, disable_env_checker=True)
    except (gym.error.Error, ImportError) as error:
        raise UsageError(f"{gym_id} cannot be made: {error}") from None


class GymnasiumBatch:
    """See core.Simulator."""

    def __init__(self, gym_id: str, *, horizon: int | None, num_envs: int) -> None:
        spec = _spec(gym_id)
        self.num_envs = num_envs
        self.horizon = horizon or spec.max_episode_steps or DEFAULT_HORIZON
        self._envs = [_create(gym_id) for _ in range(num_envs)]
        first = self._envs[0]
        self._box = first.observation_space
        if not isinstance(self._box, (spaces.Box, spaces.Dict, spaces.Discrete, spaces.Tuple, spaces.MultiBinary)):
            raise UsageError(f"{gym_id} observes {self._box}, which cannot be flattened. Wrap it in your registration.")
        self._discrete = isinstance(first.action_space, spaces.Discrete)
        if not self._discrete and not isinstance(first.action_space, spaces.Box):
            raise UsageError(f"{gym_id} acts in {first.action_space}; only Box and Discrete actions can be trained.")
        self._mujoco = hasattr(first.unwrapped, "model") and hasattr(first.unwrapped, "data")
        self.dt = float(getattr(first.unwrapped, "dt", 0.0) or 1 / (first.metadata.get("render_fps") or 50))
        self.last_info: dict[str, Array] = {}
        self._seeds = np.zeros(num_envs, np.uint64)
        self._episodes = np.zeros(num_envs, np.int64)
        self._past: list[list[Array]] = [[] for _ in range(num_envs)]
        self._reading = _Reading(first.unwrapped) if self._mujoco else None
        size = spaces.flatdim(self._box)
        if self._discrete:
            self.spaces = Spaces(size, int(first.action_space.n), True)
            self.action_shape: tuple[int, ...] = ()
        else:
            low, high = first.action_space.low.ravel(), first.action_space.high.ravel()
            bounded = np.isfinite(low) & np.isfinite(high)
            self._middle = np.where(bounded, (low + high) / 2, 0.0)
            self._half = np.where(bounded, (high - low) / 2, 1.0)
            self.spaces = Spaces(size, len(low))
            self.action_shape = (len(low),)
        names = ["time", "terminated", "observation", *(self._reading.names if self._reading else [])]
        self._kind = collections.namedtuple("State", names)  # type: ignore[misc]
        state, _ = self.reset(np.zeros(num_envs, np.uint64))
        self.fields = {name: np.asarray(value).shape[1:] for name, value in zip(names, state, strict=True)}

    # ------------------------------------------------------------ episodes

    def reset(self, seeds: Array) -> tuple[State, Array]:
        self._seeds[:] = seeds
        self._episodes[:] = 0
        self._observation = np.stack([self._begin(k) for k in range(self.num_envs)])
        self._state = self._read(np.zeros(self.num_envs, bool))
        return self._state, self._observation

    def _begin(self, k: int) -> Array:
        """Reset environment k to the episode its counters name."""
        self._past[k] = []
        seed = int(np.random.SeedSequence([int(self._seeds[k]), int(self._episodes[k])]).generate_state(1)[0])
        observation, _ = self._envs[k].reset(seed=seed % 2**31)
        return self._flat(observation)

    def _flat(self, observation: Any) -> Array:
        flat: Array = np.asarray(spaces.flatten(self._box, observation), np.float32)
        return flat

    def step(self, action: Array) -> Step:
        before, count = self._state, self.num_envs
        own = self._own_units(action)
        terminated = np.zeros(count, bool)
        found: dict[str, list[float]] = {}
        final = np.empty_like(self._observation)
        for k, env in enumerate(self._envs):
            self._past[k].append(own[k])
            raw, _, terminated[k], _, info = env.step(int(own[k]) if self._discrete else own[k])
            final[k] = self._flat(raw)
            for name in SUCCESS:
                if name in info:
                    found.setdefault(name, [0.0] * count)[k] = float(info[name])
        self.last_info = {name: np.array(values) for name, values in found.items()}
        lengths = np.array([len(past) for past in self._past])
        truncated = (lengths >= self.horizon) & ~terminated
        self._observation = final
        after = self._read(terminated)
        observation = final
        self._state = after
        ended = terminated | truncated
        if ended.any():
            observation = final.copy()
            for k in np.flatnonzero(ended).tolist():
                self._episodes[k] += 1
                observation[k] = self._begin(k)
            self._observation = observation
            self._state = self._read(np.zeros(count, bool))
        return Step(before, own.astype(float), after, observation, final, terminated, truncated)

    def _own_units(self, action: Array) -> Array:
        if self._discrete:
            return np.asarray(action)
        scaled = self._middle + np.clip(np.asarray(action, float), -1, 1) * self._half
        shape = self._envs[0].action_space.shape
        own: Array = scaled.reshape(self.num_envs, *shape).astype(self._envs[0].action_space.dtype)
        return own.reshape(self.num_envs, -1) if len(shape) != 1 else own

    def _read(self, terminated: Array) -> State:
        time = np.array([len(past) for past in self._past]) * self.dt
        columns: list[Array] = [time, terminated.copy(), self._observation.astype(float)]
        if self._reading:
            columns += self._reading.read([env.unwrapped for env in self._envs])
        return self._kind(*columns)

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        """Seeds and actions of the running episodes: replaying them restores any deterministic environment."""
        longest = max(len(past) for past in self._past)
        shape = self._past[0][0].shape if self._past[0] else self.action_shape
        actions = np.zeros((self.num_envs, longest, *shape))
        for k, past in enumerate(self._past):
            if past:
                actions[k, : len(past)] = np.stack(past)
        lengths = np.array([len(past) for past in self._past])
        return {
            "seeds": self._seeds.copy(),
            "episodes": self._episodes.copy(),
            "actions": actions,
            "lengths": lengths,
            "observation": self._observation.copy(),
        }

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]:
        """Raises JobFailed when the replay ends elsewhere: such an environment cannot be paused."""
        self._seeds[:], self._episodes[:] = arrays["seeds"], arrays["episodes"]
        dtype = np.int64 if self._discrete else self._envs[0].action_space.dtype
        for k, env in enumerate(self._envs):
            self._observation[k] = self._begin(k)
            for action in arrays["actions"][k, : arrays["lengths"][k]].astype(dtype):
                self._past[k].append(action)
                self._observation[k] = self._flat(env.step(int(action) if self._discrete else action)[0])
        if not np.array_equal(self._observation, arrays["observation"], equal_nan=True):
            raise JobFailed("The environment is not deterministic, so training cannot pause: use --racing off.")
        self._state = self._read(np.zeros(self.num_envs, bool))
        return self._state, self._observation

    # ------------------------------------------------------------ words and pictures

    def describe(self) -> dict[str, str]:
        """State field to its comment: shape, unit, frame, meaning."""
        comments = {
            "time": "(B,) s, since the episode began",
            "terminated": "(B,) bool, the episode ended by its own rule in this step",
            "observation": "(B, d) mixed, what the policy sees; see the environment's observation space",
        }
        return comments | (self._reading.comments if self._reading else {})

    def physics(self) -> tuple[Any, Array]:
        """(MjModel, qpos) of the first environment, for drawing."""
        if not self._mujoco:
            raise UsageError("No video: this environment has no MuJoCo model to draw.")
        inner = self._envs[0].unwrapped
        return inner.model, np.array(inner.data.qpos)


class _Reading:
    """Named joints, bodies and sites of a MuJoCo environment as State fields."""

    def __init__(self, inner: Any) -> None:
        model = inner.model
        self._joints: list[tuple[slice, slice]] = []
        self._bodies: list[int] = []
        self._sites: list[int] = []
        self.names: list[str] = []
        self.comments: dict[str, str] = {}
        for k in range(model.njnt):
            self._add_joint(model, k)
        for k in range(1, model.nbody):
            self._add_place(model.body(k).name, self._bodies, k, "body")
        for k in range(model.nsite):
            self._add_place(model.site(k).name, self._sites, k, "site")

    def _add_joint(self, model: Any, k: int) -> None:
        name, kind = _identifier(model.joint(k).name or f"joint_{k}"), int(model.jnt_type[k])
        wide, deep = {FREE: (7, 6), BALL: (4, 3)}.get(kind, (1, 1))
        q, v = int(model.jnt_qposadr[k]), int(model.jnt_dofadr[k])
        self._joints.append((slice(q, q + wide), slice(v, v + deep)))
        unit = "m" if kind == 2 else "rad"
        turned = "orientation (wxyz)"
        what = f"position (3) and {turned}" if kind == FREE else turned if kind == BALL else "position"
        self._name(f"{name}_position", f"{'mixed' if wide > 1 else unit}, {what} of joint {name}")
        self._name(f"{name}_velocity", f"{'mixed' if deep > 1 else unit + '/s'}, velocity of joint {name}")

    def _add_place(self, label: str, where: list[int], k: int, kind: str) -> None:
        if label:
            where.append(k)
            self._name(f"{_identifier(label)}_{kind}_position", f"m, world frame: position of {kind} {label}; z is up")

    def _name(self, name: str, comment: str) -> None:
        unique = name if name not in self.comments else f"{name}_{len(self.names)}"
        self.names.append(unique)
        self.comments[unique] = comment

    def read(self, inners: list[Any]) -> list[Array]:
        qpos = np.stack([inner.data.qpos for inner in inners])
        qvel = np.stack([inner.data.qvel for inner in inners])
        columns = []
        for q, v in self._joints:
            columns += [_narrow(qpos[:, q]), _narrow(qvel[:, v])]
        if self._bodies:
            places = np.stack([inner.data.xpos[self._bodies] for inner in inners])
            columns += [places[:, k].copy() for k in range(len(self._bodies))]
        if self._sites:
            places = np.stack([inner.data.site_xpos[self._sites] for inner in inners])
            columns += [places[:, k].copy() for k in range(len(self._sites))]
        return columns


def _narrow(values: Array) -> Array:
    return values[:, 0].copy() if values.shape[1] == 1 else values.copy()


def _identifier(name: str) -> str:
    clean = re.sub(r"\W+", "_", name).strip("_")
    return clean if clean and not clean[0].isdigit() else f"n{clean}"


# ---------------------------------------------------------------- what a model may read


def documentation(gym_id: str) -> str:
    """The environment's docstring without its reward part and without lines that speak of reward."""
    env = _create(gym_id)
    text = inspect.getdoc(type(env.unwrapped)) or f"{gym_id}: no documentation."
    action, observation = env.action_space, env.observation_space
    env.close()
    kept, skipping = [], False
    for line in text.splitlines():
        if line.startswith("#"):
            skipping = "reward" in line.lower() or "version" in line.lower() or "argument" in line.lower()
        if not skipping and "reward" not in line.lower() and "return" not in line.lower():
            kept.append(line)
    return f"{gym_id}\nAction space: {action}\nObservation space: {observation}\n\n" + "\n".join(kept).strip()


def observation_source(gym_id: str) -> str:
    """Source of the observation code, where the class has it apart; never of step()."""
    env = _create(gym_id)
    kind = type(env.unwrapped)
    env.close()
    for name in ("_get_obs", "_get_observation"):
        if hasattr(kind, name):
            with contextlib.suppress(OSError, TypeError):
                return inspect.cleandoc(inspect.getsource(getattr(kind, name)))
    return ""
