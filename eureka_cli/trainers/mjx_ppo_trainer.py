"""The training of mjx_ppo: the compiled program, what changes, and a whole training of one candidate or a round.

A program is compiled once for each world, size and set of rewards, and kept on disk for the pauses of a race.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from eureka_cli.core import Array, Finding
from eureka_cli.errors import RewardFailure, UsageError
from eureka_cli.policies import Policy
from eureka_cli.sandbox import arithmetic
from eureka_cli.sandbox.arithmetic import Arithmetic
from eureka_cli.simulators.mjx import Running, Solver, Start, World
from eureka_cli.simulators.mujoco_batch import MujocoBatch
from eureka_cli.trainers import mjx_ppo_network as network
from eureka_cli.trainers.mjx_ppo import Config
from eureka_cli.trainers.mjx_ppo_round import (
    Learner,
    Moments,
    Place,
    Report,
    Round,
    drawn,
    flat,
    folded,
    update,
)
from eureka_cli.trainers.native_ppo_network import Weights
from eureka_cli.training import CHECKPOINTS, Episodes, Training, load_policies, pack, save_policies, unpack

Tree = Any


class Trainer:
    """K candidates in training: the compiled program, and everything that changes, so that a pause can save it.

    Compiling happens in `compile`, once, and is most of the wait for small budgets.
    """

    def __init__(
        self, native: MujocoBatch, rewards: Sequence[Arithmetic], config: Config, seeds: Sequence[int]
    ) -> None:
        if native.spaces.discrete:
            raise UsageError("mjx_ppo trains continuous actions only. Use native_ppo.")
        self.config, self.rewards = config, list(rewards)
        self._spaces = native.spaces
        world = World(native, Solver(config.solver_iterations, config.line_search))
        begins = cache(
            lambda seed: world.starts(np.random.SeedSequence([seed, 1]).generate_state(config.starts, np.uint64))
        )
        pool = jax.tree.map(lambda *each: jnp.stack(each), *map(begins, seeds))
        weights = Weights(config.clip, config.entropy, config.value, config.max_gradient)
        self._round = Round(
            world=world,
            scores=[arithmetic.compiled(reward) for reward in rewards],
            pool=pool,
            num_envs=config.num_envs,
            rollout_steps=config.rollout_steps,
            epochs=config.epochs,
            minibatch=config.minibatch,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
            reward_clip=config.reward_clip,
            weights=weights,
        )
        self.learner = _learners(self._spaces, config, seeds)
        self.place = self._places(seeds)
        self.updates = 0
        self._compiled: Callable[..., Any] | None = None

    def _places(self, seeds: Sequence[int]) -> Place:
        config, pool = self.config, self._round.pool
        rngs = [np.random.default_rng([seed, 2]) for seed in seeds]
        chosen = jnp.asarray([rng.integers(0, config.starts, config.num_envs) for rng in rngs])
        running: Running = self._round.world.begin(flat(drawn(pool, chosen)))
        shape = (len(seeds), config.num_envs)
        memory = tuple(jnp.zeros((config.num_envs, reward.memory)) for reward in self.rewards)
        running = folded(self._round, running)
        return Place(running, jnp.ones(shape, bool), jnp.zeros(shape), jnp.zeros(shape), memory)

    def lower(self) -> Any:
        """One update of all, for `compile`. Matrix products in full float32: physics need it.

        Nothing in the program hangs on a seed: the same rewards with others find it compiled.
        """

        def program(learner: Learner, place: Place, pool: Start, rate: Tree) -> tuple[Learner, Place, Report]:
            return update(self._round._replace(pool=pool), learner, place, rate)

        with jax.default_matmul_precision("highest"):
            compiled = jax.jit(program, donate_argnums=(0, 1))
            return compiled.lower(self.learner, self.place, self._round.pool, jnp.float32(0))

    def compile(self, lowered: Any = None) -> Any:
        """The update compiled for this device, once. May run in a thread of its own."""
        if self._compiled is None:
            self._compiled = (lowered or self.lower()).compile()
        return self._compiled

    def update(self, left: float) -> Report:
        """One rollout and update of all candidates; `left` falls from 1 to 0 over the schedule."""
        rate = jnp.float32(self.config.learning_rate * left)
        self.learner, self.place, report = self.compile()(self.learner, self.place, self._round.pool, rate)
        self.updates += 1
        seen: Report = jax.tree.map(np.asarray, report)
        return seen

    def policy(self, k: int) -> Policy:
        """Candidate k's actor with the observation statistics it was trained under."""
        p, moments = jax.tree.map(lambda a: np.asarray(a[k]), (self.learner.parameters, self.learner.observations))
        h = self.config.hidden
        return Policy(
            weights=(p["w1"][:, :h].copy(), p["actor_w2"], p["actor_w3"]),
            biases=(p["b1"][:h].copy(), p["actor_b2"], p["actor_b3"]),
            log_std=p["log_std"],
            mean=moments.mean,
            std=np.asarray(moments.std),
            discrete=False,
        )

    def save(self, k: int) -> dict[str, Array]:
        """Candidate k alone: it can go on in any round."""
        arrays = {f"leaf/{i}": np.asarray(leaf[k]) for i, leaf in enumerate(jax.tree.leaves(self._whole()))}
        return {**arrays, "memory": np.asarray(self.place.memory[k]), "updates": np.array(self.updates)}

    def restore(self, saved: Sequence[Mapping[str, Array]], *, fresh_world: bool = False) -> None:
        """Where `save` was; in a fresh world the learners alone, their episodes begin anew."""
        shape = jax.tree.structure(self._whole())
        leaves = [jnp.stack([arrays[f"leaf/{i}"] for arrays in saved]) for i in range(shape.num_leaves)]
        self.learner, place = jax.tree.unflatten(shape, leaves)
        if not fresh_world:
            self.place = place._replace(memory=tuple(jnp.asarray(arrays["memory"]) for arrays in saved))
        self.updates = int(saved[0]["updates"])

    def _whole(self) -> tuple[Learner, Place]:
        return self.learner, self.place._replace(memory=())


def _learners(spaces: Any, config: Config, seeds: Sequence[int]) -> Learner:
    def moments(*shape: int) -> Moments:
        return Moments(jnp.zeros(shape), jnp.ones(shape), jnp.asarray(1e-4))

    each = []
    for seed in seeds:
        parameters, adam = network.begin(spaces, config.hidden, config.log_std, seed)
        key = jax.random.PRNGKey(seed)
        each.append(Learner(parameters, adam, moments(spaces.observation_size), moments(), key))
    learners: Learner = jax.tree.map(lambda *leaves: jnp.stack(leaves), *each)
    return learners


# ---------------------------------------------------------------- a whole training


def keep_programs(cache: Path | None) -> None:
    """Compiled programs are kept beside the store's other files, but where JAX_COMPILATION_CACHE_DIR says otherwise."""
    if cache is not None and jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(cache / "xla"))


class Curve:
    """What happened to one candidate since the last checkpoint, and the rows of its curve."""

    def __init__(self, num_envs: int) -> None:
        self._rows: list[dict[str, float]] = []
        self._means: list[dict[str, float]] = []
        self._episodes = Episodes(num_envs)

    def add(self, report: Report, k: int) -> None:
        self._episodes.add(report.episodes[k], report.returns[k], report.lengths[k])
        parts = {f"component/{name}": float(value) for name, value in report.components[k].items()}
        self._means.append({"component/total": float(report.total[k]), **parts})

    @property
    def own_return(self) -> float:
        return self._episodes.means()[0]

    def close(self, steps: int) -> None:
        own, length = self._episodes.means()
        means = {name: float(np.mean([seen[name] for seen in self._means])) for name in self._means[0]}
        self._rows.append({"steps": float(steps), "return": own, "length": length, **means})
        self._means = []
        self._episodes.close()

    def columns(self) -> dict[str, Array]:
        names = dict.fromkeys(name for row in self._rows for name in row)
        return {name: np.array([row.get(name, np.nan) for row in self._rows]) for name in names}

    def save(self) -> dict[str, Array]:
        return {"curve": pack([self._rows, self._means]), **self._episodes.save()}

    def restore(self, arrays: Mapping[str, Array], *, fresh_world: bool) -> None:
        self._rows, self._means = unpack(arrays["curve"])
        self._episodes.restore(arrays)
        if fresh_world:
            self._episodes.forget()


def train_round(
    native: MujocoBatch,
    rewards: Sequence[Arithmetic],
    config: Config,
    *,
    seeds: Sequence[int],
    total_timesteps: int,
    until: int,
    start: Sequence[Mapping[str, Array]] | None = None,
    on_progress: Callable[[int, list[float]], None] = lambda steps, returns: None,
    fresh_world: bool = False,
) -> list[Training | RewardFailure]:
    """Train every candidate to `until` of one schedule over `total_timesteps`, as one batch.

    A reward that is not finite somewhere fails alone: its slice touches no other.
    """
    trainer = Trainer(native, rewards, config, seeds)
    rollouts, last = -(-total_timesteps // config.rows), -(-until // config.rows)
    curves = [Curve(config.num_envs) for _ in rewards]
    kept: list[dict[int, Policy]] = [{} for _ in rewards]
    failed: dict[int, RewardFailure] = {}
    if start is not None:
        trainer.restore(start, fresh_world=fresh_world)
        for curve, arrays in zip(curves, start, strict=True):
            curve.restore(arrays, fresh_world=fresh_world)
        kept = [load_policies(arrays) for arrays in start]
    for k in range(trainer.updates, last):
        report = trainer.update(1 - k / rollouts)
        steps = (k + 1) * config.rows
        for i, curve in enumerate(curves):
            curve.add(report, i)
            if not np.isfinite(report.total[i]):
                failed.setdefault(i, RewardFailure(_not_finite(report, i)))
        on_progress(steps, [curve.own_return for curve in curves])
        if (k + 1) * CHECKPOINTS // rollouts > k * CHECKPOINTS // rollouts:
            for i, curve in enumerate(curves):
                curve.close(steps)
                if i not in failed:
                    kept[i][len(kept[i])] = trainer.policy(i)
    return [failed.get(i) or _left(trainer, i, curves[i], kept[i]) for i in range(len(rewards))]


def _left(trainer: Trainer, k: int, curve: Curve, kept: dict[int, Policy]) -> Training:
    checkpoint = {**trainer.save(k), **curve.save(), **save_policies(kept)}
    return Training(trainer.updates * trainer.config.rows, checkpoint, trainer.policy(k), kept, curve.columns())


def _not_finite(report: Report, k: int) -> Finding:
    wrong = [name for name, value in report.components[k].items() if not np.isfinite(value)]
    what = f"Component {wrong[0]!r}" if wrong else "The total"
    return Finding(
        rule="not-finite",
        message=f"{what} is not finite on some row, in float32.",
        cure="Guard divisions, logarithms, square roots and exponentials: np.maximum(x, 1e-6), np.clip.",
    )
