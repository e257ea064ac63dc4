"""MuJoCo in JAX (MJX): the same env.py, thousands of environments in one program on a GPU.

`World` is pure functions for a compiled training; `MjxBatch` puts them behind core.Simulator. Every start comes from
the native simulator, settling and forward pass included, so equal seeds begin in equal states. Sensors lag qpos by one
physics sub-step, as there. What MJX computes otherwise: docs/gpu.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
from mujoco import mjx

from eureka_cli.core import Array, Spaces, State, Step
from eureka_cli.errors import UsageError
from eureka_cli.simulators.mjx_models import gpu_model
from eureka_cli.simulators.mujoco_batch import Data, MujocoBatch

VERSION = 1
"""Raise by hand when a change here changes a trajectory."""
INTEGRATORS = {
    mujoco.mjtIntegrator.mjINT_EULER: mjx.euler,
    mujoco.mjtIntegrator.mjINT_RK4: mjx.rungekutta4,
    mujoco.mjtIntegrator.mjINT_IMPLICITFAST: mjx.implicit,
}
Tree = Any


class Solver(NamedTuple):
    """Most iterations of the constraint solver and of its line search; None is what the model says."""

    iterations: int | None = None
    line_search: int | None = None


AS_THE_MODEL_SAYS = Solver()


class Physics(NamedTuple):
    """What of MuJoCo's data outlives a step; all else is computed anew. Leading axis (N,)."""

    qpos: Tree
    qvel: Tree
    act: Tree
    warmstart: Tree
    sensors: Tree


class Start(NamedTuple):
    """Where episodes begin, (N, ...) each."""

    physics: Physics
    episode: Tree
    """Per-episode variables of env.py, or None."""


class Running(NamedTuple):
    """Environments in the middle of their episodes."""

    physics: Physics
    episode: Tree
    steps: Tree
    """(N,) of this episode."""
    state: State


class Seen(NamedTuple):
    """One step, before any restart."""

    action: Tree
    """As the environment took it."""
    next_state: State
    observation: Tree
    terminated: Tree
    truncated: Tree


class World:
    """An environment and task as pure functions of batched JAX arrays.

    Raises UsageError with the reason where MJX cannot compute the model.
    """

    def __init__(self, native: MujocoBatch, solver: Solver = AS_THE_MODEL_SAYS) -> None:
        if native.varies:
            raise UsageError("MJX gives every episode the same world. Set what varies it to 0, or use native_ppo.")
        self.native, self.horizon, self.dt = native, native.horizon, native.dt
        self.fields, self.action_shape, self.spaces = native.fields, native.action_shape, native.spaces
        self._env, self._params = native.env, native.params
        mj_model = gpu_model(native.env, native.params, native.mj_model)
        if solver.iterations is not None:
            mj_model.opt.iterations = solver.iterations
        if solver.line_search is not None:
            mj_model.opt.ls_iterations = solver.line_search
        self._integrate = INTEGRATORS[mujoco.mjtIntegrator(mj_model.opt.integrator)]
        self._model = put(mj_model)
        self._blank = mjx.make_data(mj_model, impl="jax")

    # ------------------------------------------------------------ starts

    def starts(self, seeds: Array) -> Start:
        """First episodes of `seeds` (N,), as the native simulator begins them."""
        native = self.native.resized(len(seeds))
        native.reset(seeds)
        return self.handed_over(native)

    @staticmethod
    def handed_over(native: MujocoBatch, rows: Array | slice = slice(None)) -> Start:
        arrays = {name: jnp.asarray(value[rows], _kind(value)) for name, value in native.hand_over().items()}
        physics = Physics(*(arrays.pop(name) for name in Physics._fields))
        episode = native.env.Episode(**arrays) if arrays else None
        return Start(physics, episode)

    def begin(self, start: Start) -> Running:
        steps = jnp.zeros(len(start.physics.qpos), jnp.int32)
        return Running(start.physics, start.episode, steps, self._read(start.physics, steps, start.episode))

    def restart(self, running: Running, rows: Tree, start: Start) -> Running:
        """`running` with new episodes in `rows`, (N,) bool."""
        begun: Running = choose(rows, self.begin(start), running)
        return begun

    # ------------------------------------------------------------ stepping

    def step(self, running: Running, action: Tree) -> tuple[Running, Seen]:
        """One control step of all environments; nothing restarts. Where physics blow up the episode ends."""
        action = action if self.spaces.discrete else jnp.clip(action, -1.0, 1.0)
        physics = self._advance(running, action)
        steps = running.steps + 1
        whole = jnp.isfinite(physics.qpos).all(1) & jnp.isfinite(physics.qvel).all(1)
        physics = choose(whole, physics, running.physics)
        after = self._read(physics, steps, running.episode)
        terminated = self.native.terminated(jnp, after) | ~whole
        after = after._replace(terminated=terminated)
        truncated = (steps >= self.horizon) & ~terminated
        seen = Seen(action, after, self.observe(after), terminated, truncated)
        return Running(physics, running.episode, steps, after), seen

    def _advance(self, running: Running, action: Tree) -> Physics:
        env, state, params = self._env, running.state, self._params
        if hasattr(env, "actuate"):
            ctrl = env.actuate(jnp, state, action, params)
        else:
            low, high = self.native.mj_model.actuator_ctrlrange.T
            ctrl = (low + high) / 2 + action * ((high - low) / 2)
        ctrl = jnp.asarray(ctrl, action.dtype)
        force = env.push(jnp, state, params) if hasattr(env, "push") else None
        push = jnp.zeros((len(action), 0)) if force is None else jnp.asarray(force, action.dtype)
        several = jax.vmap(self._substep)

        def body(physics: Physics, _: None) -> tuple[Physics, None]:
            return several(physics, ctrl, push), None

        physics: Physics
        physics, _ = jax.lax.scan(body, running.physics, None, length=self.native.sub_steps)
        return physics

    def _substep(self, physics: Physics, ctrl: Tree, push: Tree) -> Physics:
        """One time step of one environment."""
        data = self._blank.replace(
            qpos=physics.qpos, qvel=physics.qvel, act=physics.act, qacc_warmstart=physics.warmstart, ctrl=ctrl
        )
        if len(push):
            data = data.replace(xfrc_applied=data.xfrc_applied.at[self.native.pushed].set(push))
        data = mjx.forward(self._model, data)
        sensors = data.sensordata  # Runge-Kutta's later stages would leave theirs
        data = self._integrate(self._model, data)
        return Physics(data.qpos, data.qvel, data.act, data.qacc_warmstart, sensors)

    def _read(self, physics: Physics, steps: Tree, episode: Tree) -> State:
        time = steps.astype(physics.qpos.dtype) * self.dt
        data = Data(physics.qpos, physics.qvel, time, physics.sensors, self.native.sensor_slices)
        return self._env.read(jnp, data, episode, self._params)

    def observe(self, state: State) -> Tree:
        """(N, d) float32."""
        return self._env.observe(jnp, state).astype(jnp.float32)


def choose(rows: Tree, new: Tree, old: Tree) -> Tree:
    """`new` where `rows` (N,), else `old`, in every array of two trees."""

    def chosen(a: Tree, b: Tree) -> Tree:
        return jnp.where(rows.reshape(-1, *(1,) * (a.ndim - 1)), a, b)

    return jax.tree.map(chosen, new, old)


def put(mj_model: Any) -> Any:
    """The model on the device. Raises UsageError with MJX's own reason where it cannot compute it."""
    try:
        return mjx.put_model(mj_model, impl="jax")
    except NotImplementedError as error:
        raise UsageError(f"MJX cannot compute this model: {error} Train it with native_ppo.") from None


def _kind(value: Array) -> Any:
    return jnp.result_type(float) if value.dtype.kind == "f" else value.dtype


class MjxBatch:
    """MJX behind core.Simulator: for tests and comparisons. Training on it one step a call wastes the device."""

    def __init__(self, native: MujocoBatch, solver: Solver = AS_THE_MODEL_SAYS) -> None:
        self._native = native
        self.world = world = World(native, solver)
        self.num_envs, self.horizon, self.dt = native.num_envs, native.horizon, native.dt
        self.spaces: Spaces = native.spaces
        self.fields, self.action_shape = native.fields, native.action_shape
        self._step: Callable[..., Any] = jax.jit(world.step)
        self._begin, self._restart = jax.jit(world.begin), jax.jit(world.restart)

    def reset(self, seeds: Array) -> tuple[State, Array]:
        self._native.reset(seeds)
        self._running = self._begin(World.handed_over(self._native))
        return self._seen()

    def step(self, action: Array) -> Step:
        before = _numpy(self._running.state)
        kind = self._running.physics.qpos.dtype
        self._running, seen = self._step(self._running, jnp.asarray(action, kind))
        final = np.asarray(seen.observation)
        ended = np.array(seen.terminated | seen.truncated)
        observation = final
        if ended.any():
            self._native.begin_next(ended)
            self._running = self._restart(self._running, jnp.asarray(ended), World.handed_over(self._native))
            _, observation = self._seen()
        return Step(
            before,
            np.asarray(seen.action),
            _numpy(seen.next_state),
            observation,
            final,
            np.asarray(seen.terminated),
            np.asarray(seen.truncated),
        )

    def _seen(self) -> tuple[State, Array]:
        state = self._running.state
        return _numpy(state), np.asarray(self.world.observe(state))

    def save(self) -> dict[str, Array]:
        native = {f"native/{name}": value for name, value in self._native.save().items()}
        return native | {f"mjx/{k}": np.asarray(leaf) for k, leaf in enumerate(jax.tree.leaves(self._running))}

    def restore(self, arrays: Mapping[str, Array]) -> tuple[State, Array]:
        own = {k.removeprefix("native/"): v for k, v in arrays.items() if k.startswith("native/")}
        self._native.restore(own)
        _, shape = jax.tree.flatten(self._begin(World.handed_over(self._native)))
        leaves = [jnp.asarray(arrays[f"mjx/{k}"]) for k in range(shape.num_leaves)]
        self._running = jax.tree.unflatten(shape, leaves)
        return self._seen()


def _numpy(state: State) -> State:
    return type(state)(*(np.asarray(value) for value in state))
