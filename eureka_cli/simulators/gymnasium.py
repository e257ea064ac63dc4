"""Any Gymnasium environment, in this process, behind the simulator seam. Its own reward is never read.

State is derived from the live environment (gym_fields), or declared by an env.py beside its tasks:

    GYMNASIUM = "FetchReach-v4"       the registered id; a task file may name another one
    KWARGS = {"max_steps": 50}        what gymnasium.make is given; a task file's own KWARGS go before these
    IMPORT = ["my_package"]           what registers the id, where importing it is not known here
    class State(NamedTuple)           every field with its comment, as in any env.py
    def read(env, observation)        all fields but `time` and `terminated`, by name, of one environment
    def kwargs(params)                optional: KWARGS that depend on the task's PARAMS
    def observe(xp, state)            optional: (B, d), what the policy sees instead of the environment's observation

A task file may end episodes by its own `terminated(xp, state)` besides. Actions in [-1, 1] are mapped to the range of
a bounded Box; rewards see them in the environment's own units.
"""

from __future__ import annotations

import collections
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np
from gymnasium import spaces

from eureka_cli.core import Array, Json, Spaces, State, Step
from eureka_cli.errors import JobFailed, UsageError
from eureka_cli.simulators import gym_documentation, gym_fields, gym_known, gym_making, gym_spaces, gym_written
from eureka_cli.simulators.gym_fields import Live

DEFAULT_HORIZON = 1000
OWN_LIMITS = ("max_steps", "max_path_length", "_max_episode_steps")
"""Where environments that count their steps themselves keep the limit."""
SUCCESS = ("success", "is_success")


def make(
    gym_id: str,
    *,
    horizon: int | None,
    num_envs: int,
    kwargs: Mapping[str, Json] | None = None,
    packages: Sequence[str] = (),
    env: ModuleType | None = None,
    task: ModuleType | None = None,
    params: Mapping[str, Json] | None = None,
) -> GymnasiumBatch:
    """`num_envs` copies of a registered id. Raises UsageError with the cure for what cannot be made or flattened.

    `env` is the module of an env.py that declares State; without one it is derived.
    """
    given, params = dict(kwargs or {}), dict(params or {})
    if env is not None:
        gym_written.check(env)
        given |= env.kwargs(params) if hasattr(env, "kwargs") else {}

    def create() -> Any:
        return gym_making.create(gym_id, given, packages)

    return GymnasiumBatch(gym_id, create, num_envs, horizon=horizon, env=env, task=task, params=params)


class GymnasiumBatch:
    """See core.Simulator."""

    def __init__(
        self,
        gym_id: str,
        create: Callable[[], Any],
        num_envs: int,
        *,
        horizon: int | None,
        env: ModuleType | None,
        task: ModuleType | None,
        params: Mapping[str, Json],
    ) -> None:
        self._envs = [create() for _ in range(num_envs)]
        first, self.num_envs = self._envs[0], num_envs
        self._id, self._module, self._create = gym_id, env, create
        self._ages = gym_known.ages(type(first.unwrapped))
        self.params = params
        self._box = first.observation_space
        if not hasattr(env, "observe"):
            gym_spaces.check(self._box, gym_id)
        gym_spaces.check_action(first.action_space, gym_id)
        self.horizon = horizon or _limit(gym_id, first)
        self._observe = getattr(env, "observe", None)
        self._ends = getattr(task, "terminated", None)
        self.last_info: dict[str, Array] = {}
        self._seeds = np.zeros(self.num_envs, np.uint64)
        self._episodes = np.zeros(self.num_envs, np.int64)
        self._past: list[list[Array]] = [[] for _ in self._envs]
        self._raw: list[Any] = [self._begin(k) for k in range(self.num_envs)]
        self.dt, self._clock = gym_fields.step_s(first)
        self._derived = [] if env is not None else gym_fields.derive(first)
        names = [*gym_fields.ALWAYS, *(field.name for field in self._derived)]
        self._kind: Any = env.State if env is not None else collections.namedtuple("State", names)
        state, observation = self.reset(np.zeros(self.num_envs, np.uint64))
        self.fields = {name: np.shape(value)[1:] for name, value in zip(state._fields, state, strict=True)}
        self._set_actions(first.action_space, observation.shape[1])

    def _set_actions(self, space: spaces.Space[Any], size: int) -> None:
        self._discrete = isinstance(space, spaces.Discrete)
        if isinstance(space, spaces.Discrete):
            self.spaces = Spaces(size, int(space.n), True)
            self.action_shape: tuple[int, ...] = ()
            self._first = int(space.start)
            return
        assert isinstance(space, spaces.Box)
        low, high = space.low.ravel().astype(float), space.high.ravel().astype(float)
        bounded = np.isfinite(low) & np.isfinite(high)
        self._middle = np.where(bounded, (low + high) / 2, 0.0)
        self._half = np.where(bounded, (high - low) / 2, 1.0)
        self.spaces = Spaces(size, len(low))
        self.action_shape = (len(low),)

    # ------------------------------------------------------------ episodes

    def reset(self, seeds: Array) -> tuple[State, Array]:
        self._seeds[:] = seeds
        self._episodes[:] = 0
        self._raw = [self._begin(k) for k in range(self.num_envs)]
        self._state = self._read(np.zeros(self.num_envs, bool))
        return self._state, self._seen(self._state)

    def _begin(self, k: int) -> Any:
        """Reset environment k to the episode its counters name; returns what it observes."""
        if self._ages:
            self._envs[k].close()
            self._envs[k] = self._create()
        self._past[k] = []
        sequence = np.random.SeedSequence([int(self._seeds[k]), int(self._episodes[k])])
        seed = int(sequence.generate_state(1)[0]) % 2**31
        gym_making.seed_globally(seed)
        own = getattr(self._envs[k].unwrapped, "seed", None)
        if callable(own):  # what came before reset(seed): Meta-World still draws its goals by it
            own(seed)
        observation, _ = self._envs[k].reset(seed=seed)
        return observation

    def step(self, action: Array) -> Step:
        before, count = self._state, self.num_envs
        own = self._own_units(action)
        terminated, cut = np.zeros(count, bool), np.zeros(count, bool)
        found: dict[str, list[float]] = {}
        for k in range(count):
            self._past[k].append(own[k])
            self._raw[k], terminated[k], cut[k], info = self._advance(k, own[k])
            for name in SUCCESS:
                if name in info:
                    found.setdefault(name, [0.0] * count)[k] = float(info[name])
        self.last_info = {name: np.array(values) for name, values in found.items()}
        after = self._read(terminated)
        if self._ends is not None:
            terminated |= np.asarray(self._ends(np, after), bool)
            after = after._replace(terminated=terminated.copy())
        lengths = np.array([len(past) for past in self._past])
        truncated = ((lengths >= self.horizon) | cut) & ~terminated
        final = observation = self._seen(after)
        self._state = after
        ended = terminated | truncated
        if ended.any():
            for k in np.flatnonzero(ended).tolist():
                self._episodes[k] += 1
                self._raw[k] = self._begin(k)
            self._state = self._read(np.zeros(count, bool))
            observation = self._seen(self._state)
        return Step(before, own.astype(float), after, observation, final, terminated, truncated)

    def _advance(self, k: int, own: Array) -> tuple[Any, bool, bool, dict[str, Any]]:
        """One step of environment k; its reward is dropped here."""
        space = self._envs[k].action_space
        choice: Any = int(own) if self._discrete else own.reshape(space.shape).astype(space.dtype)
        observation, _, terminated, truncated, info = self._envs[k].step(choice)
        return observation, bool(terminated), bool(truncated), info

    def _own_units(self, action: Array) -> Array:
        if self._discrete:
            return np.asarray(action, np.int64) + self._first
        scaled: Array = self._middle + np.clip(np.asarray(action, float), -1, 1) * self._half
        return scaled.astype(self._envs[0].action_space.dtype)

    def _read(self, terminated: Array) -> State:
        return self._read_of(slice(None), terminated)

    def _read_of(self, rows: slice, terminated: Array) -> State:
        time = np.array([len(past) for past in self._past[rows]]) * self.dt
        live, ended = Live([env.unwrapped for env in self._envs[rows]], self._raw[rows]), terminated[rows].copy()
        if self._module is not None:
            return gym_written.read(self._module, live, time, ended)
        columns = [np.array(field.read(live), float) for field in self._derived]
        return self._kind(time, ended, *columns)

    def _seen(self, state: State) -> Array:
        """(N, d) float32: what the policy sees."""
        if self._observe is not None:
            return np.array(self._observe(np, state), np.float32)
        return np.stack([gym_spaces.flatten(self._box, raw) for raw in self._raw])

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        """Seeds and actions of the running episodes: replaying them restores any deterministic environment."""
        longest = max(len(past) for past in self._past)
        actions = np.zeros((self.num_envs, longest, *self.action_shape))
        for k, past in enumerate(self._past):
            if past:
                actions[k, : len(past)] = np.stack(past)
        lengths = np.array([len(past) for past in self._past])
        return {
            "seeds": self._seeds.copy(),
            "episodes": self._episodes.copy(),
            "actions": actions,
            "lengths": lengths,
            "observation": self._seen(self._state),
        }

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]:
        """Raises JobFailed when the replay ends elsewhere: such an environment cannot be paused."""
        self._seeds[:], self._episodes[:] = arrays["seeds"], arrays["episodes"]
        dtype = np.int64 if self._discrete else self._envs[0].action_space.dtype
        for k in range(self.num_envs):
            self._raw[k] = self._begin(k)
            for action in arrays["actions"][k, : arrays["lengths"][k]].astype(dtype):
                self._past[k].append(action)
                self._raw[k] = self._advance(k, action)[0]
        self._state = self._read(np.zeros(self.num_envs, bool))
        observation = self._seen(self._state)
        if not np.array_equal(observation, arrays["observation"], equal_nan=True):
            raise JobFailed("The environment is not deterministic, so training cannot pause: use --racing off.")
        return self._state, observation

    # ------------------------------------------------------------ words and pictures

    def describe(self) -> dict[str, str]:
        """State field to its comment, where State is derived: shape, unit, frame, meaning."""
        clock = {} if self._clock else {"time": gym_fields.NO_CLOCK}
        return gym_fields.ALWAYS | clock | {field.name: field.comment for field in self._derived}

    def facts(self) -> dict[str, Json]:
        """What writing the derived State down as a file takes besides: per field its comment and the Python that reads
        it, and within which distance a goal environment calls its goal reached (None where it says none)."""
        distance = getattr(self._envs[0].unwrapped, "distance_threshold", None)
        aimed = {"achieved_goal", "desired_goal"} <= set(self.fields)
        return {
            "comments": self.describe(),
            "sources": {field.name: field.source for field in self._derived},
            "threshold": float(distance) if aimed and isinstance(distance, float) else None,
        }

    def shown(self) -> str:
        """What a model may read of the environment behind: documentation and observation code, never `step`."""
        return gym_documentation.shown(self._envs[0], self._id)

    def packages(self) -> dict[str, str]:
        """Releases of what the environment is made of, besides those every job depends on."""
        modules = {kind.__module__.split(".")[0] for kind in type(self._envs[0].unwrapped).__mro__}
        provided = importlib.metadata.packages_distributions()
        names = {name for module in modules for name in provided.get(module, ())} - {"gymnasium"}
        if "box2d" in type(self._envs[0].unwrapped).__module__:
            names |= set(provided.get("Box2D", ()))
        return {name: importlib.metadata.version(name) for name in sorted(names)}

    def one_by_one(self) -> tuple[State, State]:
        """State as it stands after a few steps, and read again of each environment alone."""
        for _ in range(3):
            self.step(np.zeros((self.num_envs, *self.action_shape)))
        alone = [self._read_of(slice(k, k + 1), np.array(self._state.terminated)) for k in range(self.num_envs)]
        return self._state, type(self._state)(*(np.concatenate(values) for values in zip(*alone, strict=True)))

    def physics(self) -> tuple[Any, Array]:
        """(MjModel, qpos) of the first environment, for drawing."""
        inner = self._envs[0].unwrapped
        if not gym_fields.is_mujoco(inner):
            raise UsageError("No video: this environment has no MuJoCo model to draw.")
        return inner.model, np.array(inner.data.qpos)


def _limit(gym_id: str, env: Any) -> int:
    """Steps of an episode: as registered, or as the environment counts them itself."""
    own = [getattr(env.unwrapped, name, None) for name in OWN_LIMITS]
    limits = [gym_making.find(gym_id).max_episode_steps, *own]
    return next((limit for limit in limits if isinstance(limit, int) and limit > 0), DEFAULT_HORIZON)
