"""Native batched MuJoCo (mjbatch) behind the simulator seam: physics in C, everything else one NumPy call a step.

Quantities MuJoCo derives (sensors, positions of sites) lag qpos by one physics sub-step, as in Gymnasium; at the
start of an episode they are current, because reset ends with a forward pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import mjbatch
import mujoco
import numpy as np

from eureka_cli.core import Array, Spaces, State, Step
from eureka_cli.errors import UsageError
from eureka_cli.simulators.seeding import uniforms
from eureka_cli.simulators.starts import POOL, Settle, pool

ALL = slice(None)


def _replaced(state: State, rows: Array, begun: State) -> State:
    """`state` with the rows of new episodes; the others keep the very values they ended the step with."""
    columns = []
    for old, new in zip(state, begun, strict=True):
        column = np.array(old, order="C")
        column[rows] = new
        columns.append(column)
    return type(state)(*columns)


def compile_model(env: ModuleType, params: Mapping[str, Any]) -> Any:
    """The MjModel of an environment under `params`."""
    if hasattr(env, "model"):
        return env.model(params).compile()
    return mujoco.MjModel.from_xml_path(model_file(env))


def model_file(env: ModuleType) -> str:
    """Beside an env.py that builds no model itself."""
    return str(Path(str(env.__file__)).parent / "model.xml")


def sub_steps(env: ModuleType, mj_model: Any) -> int:
    """Physics steps of a control step: FRAME_SKIP, or as many as make CONTROL seconds."""
    if not hasattr(env, "CONTROL"):
        return int(env.FRAME_SKIP)
    count: int = round(env.CONTROL / mj_model.opt.timestep)
    if count < 1 or abs(count * mj_model.opt.timestep - env.CONTROL) > 1e-9:
        raise UsageError(
            f"A timestep of {mj_model.opt.timestep:g} s does not divide the control step of {env.CONTROL:g} s:"
            f" take {env.CONTROL / max(1, count):g}."
        )
    return count


def model_digest(mj_model: Any) -> str:
    """Names a compiled model by its bytes, meshes and options included."""
    size = mujoco.mj_sizeModel(mj_model)
    buffer = np.empty(size, np.uint8)
    mujoco.mj_saveModel(mj_model, None, buffer)
    return hashlib.sha256(buffer.tobytes()).hexdigest()[:16]


class Data:
    """What env.read sees of a batch: arrays of chosen rows."""

    def __init__(self, qpos: Array, qvel: Array, time: Array, sensors: Array, slices: Mapping[str, slice]) -> None:
        self.qpos, self.qvel, self.time = qpos, qvel, time
        self._sensors, self._slices = sensors, slices

    def sensor(self, name: str) -> Array:
        """(B, dim) of a named sensor."""
        return self._sensors[:, self._slices[name]]


class MujocoBatch:
    """Environments of one env.py side by side. See core.Simulator for the seam."""

    def __init__(
        self,
        env: ModuleType,
        *,
        task: ModuleType | None,
        params: Mapping[str, Any],
        horizon: int,
        num_envs: int,
        cache: Path | None,
        pooled: bool = True,
    ) -> None:
        self.num_envs, self.horizon = num_envs, horizon
        self.env, self.params = env, params
        self._task, self.cache = task, cache
        self.terminated = getattr(task, "terminated", None) or env.terminated
        self._discrete = int(getattr(env, "DISCRETE", 0))
        self._settle_steps = int(getattr(env, "SETTLE", 0))
        self.mj_model = mj_model = compile_model(env, params)
        self.sub_steps = sub_steps(env, mj_model)
        self.dt = float(mj_model.opt.timestep * self.sub_steps)
        self.pushed = int(mj_model.body(env.PUSHED).id) if hasattr(env, "PUSHED") else 0
        low, high = mj_model.actuator_ctrlrange.T
        self._middle, self._half = (low + high) / 2, (high - low) / 2
        self.sensor_slices = {
            mj_model.sensor(k).name: slice(
                int(mj_model.sensor_adr[k]), int(mj_model.sensor_adr[k] + mj_model.sensor_dim[k])
            )
            for k in range(mj_model.nsensor)
        }
        self._seeds = np.zeros(num_envs, np.uint64)
        self._episodes = np.zeros(num_envs, np.uint64)
        self._steps = np.zeros(num_envs, np.int64)
        self._bind(mjbatch.Batch(mj_model, num_envs, num_threads=1))
        self._none = np.zeros(num_envs, bool)
        self._episode: Any = None
        self._pool = self._settled_starts(cache) if pooled and self._settle_steps else None
        state, observation = self.reset(np.arange(num_envs, dtype=np.uint64))
        actions = int(getattr(env, "ACTIONS", mj_model.nu))
        size = observation.shape[1]
        self.spaces = Spaces(size, self._discrete or actions, bool(self._discrete))
        self.action_shape: tuple[int, ...] = () if self._discrete else (actions,)
        self.fields = {name: np.asarray(value).shape[1:] for name, value in zip(state._fields, state, strict=True)}

    def _bind(self, batch: Any) -> None:
        self._batch = batch
        self._physics = batch.bind("state")
        self._qpos, self._qvel = batch.bind("qpos"), batch.bind("qvel")
        self._ctrl, self._push = batch.bind("ctrl"), batch.bind("xfrc_applied")
        self._sensordata = batch.bind("sensordata")
        self._varied = {name: batch.expand(name) for name in self._vary(np.ones(self.num_envs, bool))}

    # ------------------------------------------------------------ episodes

    def reset(self, seeds: Array) -> tuple[State, Array]:
        """Start every environment on the first episode of its seed."""
        self._seeds[:] = seeds
        self._episodes[:] = 0
        every = np.ones(self.num_envs, bool)
        self._begin(every)
        self._state = self._read()
        return self._state, self._observe(self._state)

    def _begin(self, rows: Array) -> None:
        """Begin an episode in some rows: noise, start, forward pass."""
        self._steps[rows] = 0
        self._remodel(rows)
        if self._pool is not None:
            draw = uniforms(self._seeds[rows], self._episodes[rows], 1)[:, 0]
            chosen = (draw * len(self._pool["physics"])).astype(int)
            self._batch.reset(rows)
            self._physics[rows] = self._pool["physics"][chosen]
            episode = {k.removeprefix("episode/"): v[chosen] for k, v in self._pool.items() if k.startswith("episode/")}
        else:
            episode = self._place(rows, uniforms(self._seeds[rows], self._episodes[rows], self.env.NOISE))
        self._batch.forward(rows)
        self._set_episode(rows, episode)

    def _vary(self, rows: Array) -> dict[str, Array]:
        """MjModel fields in which the worlds of these rows' episodes differ. Their noise follows that of the starts."""
        if not hasattr(self.env, "vary"):
            return {}
        first = max(1, self.env.NOISE)
        noise = uniforms(self._seeds[rows], self._episodes[rows], first + self.env.VARIED)[:, first:]
        fields: dict[str, Array] = self.env.vary(np, noise, self.mj_model, self.params)
        return fields

    def _remodel(self, rows: Array) -> None:
        """Give rows the physical constants of their episodes."""
        if not self._varied:
            return
        for name, values in self._vary(rows).items():
            self._varied[name][rows] = values
        self._batch.set_const(rows)

    def _place(self, rows: Array, noise: Array) -> dict[str, Array]:
        """Put rows where env.reset says; returns their per-episode variables."""
        qpos, qvel, *rest = self.env.reset(np, noise, self.params)
        self._batch.reset(rows)
        self._qpos[rows], self._qvel[rows] = qpos, qvel
        self._ctrl[rows] = self._middle
        return dict(zip(rest[0]._fields, rest[0], strict=True)) if rest else {}

    def _set_episode(self, rows: Array, values: dict[str, Array]) -> None:
        if not values:
            return
        if self._episode is None:
            self._episode = self.env.Episode(
                **{
                    name: np.zeros((self.num_envs, *np.shape(value)[1:]), np.asarray(value).dtype)
                    for name, value in values.items()
                }
            )
        for name, value in values.items():
            getattr(self._episode, name)[rows] = value

    def _settled_starts(self, cache: Path | None) -> dict[str, Array]:
        source = hashlib.sha256(Path(str(self.env.__file__)).read_bytes()).hexdigest()
        name = [source, model_digest(self.mj_model), repr(sorted(self.params.items()))]
        return pool(self._wide, noise=self.env.NOISE, name=name, cache=cache)

    def _wide(self) -> Settle:
        """What settles POOL starts at once: made only where the cache has none."""
        wide = MujocoBatch(
            self.env, task=None, params=self.params, horizon=self.horizon, num_envs=POOL, cache=None, pooled=False
        )
        return wide._settle

    def _settle(self, noise: Array) -> tuple[dict[str, Array], Array]:
        """Starts of `noise` (B, n) after running under zero action, and which of them rest."""
        every = np.ones(self.num_envs, bool)
        episode = self._place(every, noise)
        self._batch.forward(every)
        self._set_episode(every, episode)
        zero = np.zeros((self.num_envs, *self.action_shape))
        for _ in range(self._settle_steps):
            self._advance(self._read(), zero)
        settled = getattr(self.env, "settled", None)
        good = settled(np, self._read()) if settled else every
        arrays = {"physics": self._physics.copy(), **{f"episode/{key}": value for key, value in episode.items()}}
        return arrays, np.asarray(good)

    # ------------------------------------------------------------ stepping

    def step(self, action: Array) -> Step:
        before = self._state
        action = np.asarray(action, float) if self._discrete else np.clip(np.asarray(action, float), -1.0, 1.0)
        self._advance(before, action)
        self._steps += 1
        broken = self._mend()
        after = self._read()
        terminated = np.asarray(self.terminated(np, after), bool) | broken
        after = after._replace(terminated=terminated)
        truncated = (self._steps >= self.horizon) & ~terminated
        final = self._observe(after)
        ended = terminated | truncated
        observation = final
        self._state = after
        if ended.any():
            self.begin_next(ended)
            begun = self._read(ended)
            self._state = _replaced(after, ended, begun)
            observation = final.copy()
            observation[ended] = self._observe(begun)
        return Step(before, action, after, observation, final, terminated, truncated)

    def _advance(self, state: State, action: Array) -> None:
        if hasattr(self.env, "actuate"):
            self._ctrl[:] = self.env.actuate(np, state, action, self.params)
        else:
            self._ctrl[:] = self._middle + action * self._half
        force = self.env.push(np, state, self.params) if hasattr(self.env, "push") else None
        if force is not None:
            self._push[:, self.pushed] = force
        self._batch.step(nstep=self.sub_steps)

    def _mend(self) -> Array:
        """Rows whose physics blew up: put back to the model's start so numbers stay finite, and ended."""
        if np.isfinite(self._qpos.sum() + self._qvel.sum()):  # one look at all: what is not finite stays so in a sum
            return self._none
        broken = ~(np.isfinite(self._qpos).all(axis=1) & np.isfinite(self._qvel).all(axis=1))
        self._batch.reset(broken)
        return np.asarray(broken)

    def _read(self, rows: Array | slice = ALL) -> State:
        qpos, qvel, sensors = (np.array(part[rows]) for part in (self._qpos, self._qvel, self._sensordata))
        episode = self._episode
        if episode is not None:  # copies: the next reset writes into these
            episode = type(episode)(*(np.array(value[rows]) for value in episode))
        data = Data(qpos, qvel, self._steps[rows] * self.dt, sensors, self.sensor_slices)
        state = self.env.read(np, data, episode, self.params)
        # The order in which NumPy adds depends on memory layout: one layout, or a restored run drifts in the last bit.
        return type(state)(*(np.ascontiguousarray(value) for value in state))

    def _observe(self, state: State) -> Array:
        return np.array(self.env.observe(np, state), np.float32, copy=None)

    # ------------------------------------------------------------ pause and go on

    def save(self) -> dict[str, Array]:
        """MuJoCo's integration state, counters, seeds, and the State read last (sensors are no part of the former)."""
        arrays = {
            "physics": self._physics.copy(),
            "seeds": self._seeds.copy(),
            "episodes": self._episodes.copy(),
            "steps": self._steps.copy(),
        }
        arrays |= {
            f"state/{name}": np.array(value) for name, value in zip(self._state._fields, self._state, strict=True)
        }
        if self._episode is not None:
            arrays |= {f"episode/{name}": np.array(value) for name, value in self._episode._asdict().items()}
        return arrays

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]:
        # mjbatch hands over only what changed in a bound array, so every one must show the restored state before the
        # next step: forward refreshes them, and the second write puts back the warm start that forward moved.
        every = np.ones(self.num_envs, bool)
        self._seeds[:], self._episodes[:], self._steps[:] = arrays["seeds"], arrays["episodes"], arrays["steps"]
        self._remodel(every)
        self._physics[:] = arrays["physics"]
        self._batch.forward(every)
        self._physics[:] = arrays["physics"]
        if self._episode is not None:
            for name in self._episode._fields:
                getattr(self._episode, name)[:] = arrays[f"episode/{name}"]
        self._state = type(self._state)(*(np.array(arrays[f"state/{name}"]) for name in self._state._fields))
        return self._state, self._observe(self._state)

    # ------------------------------------------------------------ for another engine

    @property
    def varies(self) -> bool:
        """Episodes differ in their worlds."""
        return bool(self._varied)

    def resized(self, num_envs: int) -> MujocoBatch:
        """The same world with another number of environments."""
        return MujocoBatch(
            self.env, task=self._task, params=self.params, horizon=self.horizon, num_envs=num_envs, cache=self.cache
        )

    def hand_over(self) -> dict[str, Array]:
        """What another engine needs to go on from here, (N, ...) each; then the per-episode variables by name."""
        found = {"qpos": self._qpos, "qvel": self._qvel}
        kinds = mujoco.mjtState
        for name, part in (("act", kinds.mjSTATE_ACT), ("warmstart", kinds.mjSTATE_WARMSTART)):
            size = mujoco.mj_stateSize(self.mj_model, int(part))
            found[name] = np.zeros((self.num_envs, size))
            for whole, row in zip(self._physics, found[name], strict=True):
                mujoco.mj_extractState(self.mj_model, whole, int(kinds.mjSTATE_INTEGRATION), row, int(part))
        found["sensors"] = self._sensordata
        episode = {} if self._episode is None else self._episode._asdict()
        return {name: np.array(value) for name, value in {**found, **episode}.items()}

    def begin_next(self, rows: Array) -> None:
        """Begin the next episode in some rows, (N,) bool."""
        self._episodes[rows] += np.uint64(1)
        self._begin(rows)

    def physics(self) -> tuple[Any, Array]:
        """(MjModel, qpos of the first environment), for drawing."""
        return self.mj_model, self._qpos[0].copy()


def make(
    env: ModuleType,
    *,
    task: ModuleType | None,
    params: Mapping[str, Any],
    horizon: int,
    num_envs: int,
    cache: Path | None,
) -> MujocoBatch:
    return MujocoBatch(env, task=task, params=params, horizon=horizon, num_envs=num_envs, cache=cache)
