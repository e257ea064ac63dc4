"""A round as one program: K learners with their own rewards and N environments each, one batch for the physics.

Brax's PPO takes one reward and one learner a program; K of them would be K compilations and K small batches. This is
native_ppo's algorithm instead (its network, its normalisation, its time limits), mapped over K; a learner's numbers
never meet another's. Shapes: T steps, K learners, N environments each; trees of arrays have leading axes (K, N).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from eureka_cli.policies import OBSERVATION_CLIP
from eureka_cli.simulators.mjx import Running, Start, World
from eureka_cli.trainers import mjx_ppo_network as network
from eureka_cli.trainers.mjx_ppo_network import Adam, Batch, Parameters
from eureka_cli.trainers.native_ppo_network import Weights

Tree = Any
Score = Callable[..., Any]
"""arithmetic.compiled of a reward."""


class Moments(NamedTuple):
    """Running mean and variance (Chan et al. 1979)."""

    mean: Tree
    variance: Tree
    count: Tree

    def merged(self, mean: Tree, variance: Tree, count: int) -> Moments:
        total = self.count + count
        share, delta = count / total, mean - self.mean
        share = share.reshape(share.shape + (1,) * (delta.ndim - share.ndim))
        spread = self.variance * (1 - share) + variance * share + delta * delta * share * (1 - share)
        return Moments(self.mean + delta * share, spread, total)

    @property
    def std(self) -> Tree:
        return jnp.sqrt(self.variance + 1e-8)


class Learner(NamedTuple):
    """What learns, with a leading axis K."""

    parameters: Parameters
    adam: Adam
    observations: Moments
    scale: Moments
    """Of the discounted return."""
    key: Tree


class Place(NamedTuple):
    """Where the environments are, (K, N, ...)."""

    running: Running
    fresh: Tree
    """An episode begins with the next step."""
    discounted: Tree
    """Return so far, for the scale of rewards."""
    own: Tree
    """Raw return of the episode."""
    memory: tuple[Tree, ...]
    """Of each reward, (N, W); W is 0 for rewards without."""


class Kept(NamedTuple):
    """A rollout, (T, K, N, ...)."""

    raw: Tree
    observation: Tree
    """Normalised."""
    action: Tree
    log_probability: Tree
    value: Tree
    reward: Tree
    """Scaled; with gamma * V(final observation) where a time limit cut the episode."""
    ended: Tree


class Report(NamedTuple):
    """What a rollout showed."""

    episodes: Tree
    """(K, N): how many ended."""
    returns: Tree
    """(K, N): sum over those that ended, as the lengths'."""
    lengths: Tree
    total: Tree
    """(K,): mean over steps, as the components', a list over K."""
    components: list[dict[str, Tree]]


class Round(NamedTuple):
    """What is fixed: the world, the rewards, the numbers of the algorithm."""

    world: World
    scores: Sequence[Score]
    pool: Start
    """Where episodes begin, (K, S, ...): each learner draws of its own."""
    num_envs: int
    rollout_steps: int
    epochs: int
    minibatch: int
    gamma: float
    gae_lambda: float
    reward_clip: float
    weights: Weights


def update(round_: Round, learner: Learner, place: Place, learning_rate: Tree) -> tuple[Learner, Place, Report]:
    """One rollout, and what every learner makes of it."""
    keys = jax.vmap(lambda key: jax.random.split(key, 3))(learner.key)
    place, scale, kept, report = collect(round_, learner, place, keys[:, 1])
    last = normal(learner.observations, observe(round_, place.running))
    values = jax.vmap(network.value)(learner.parameters, last)

    def one(p: Parameters, adam: Adam, key: Tree, seen: Kept, value: Tree) -> tuple[Parameters, Adam]:
        return learn(round_, p, adam, key, seen, value, learning_rate)

    over = jax.vmap(one, in_axes=(0, 0, 0, 1, 0))
    parameters, adam = over(learner.parameters, learner.adam, keys[:, 2], kept, values)
    means, variances = kept.raw.mean((0, 2)), kept.raw.var((0, 2))
    observations = learner.observations.merged(means, variances, round_.rollout_steps * round_.num_envs)
    return Learner(parameters, adam, observations, scale, keys[:, 0]), place, report


# ---------------------------------------------------------------- a rollout


def collect(round_: Round, learner: Learner, place: Place, keys: Tree) -> tuple[Place, Moments, Kept, Report]:
    """T steps of all environments, observation statistics frozen, rewards scored and scaled on the way."""
    steps = jax.vmap(lambda key: jax.random.split(key, (round_.rollout_steps, 2)), out_axes=1)(keys)

    def body(carry: tuple[Place, Moments], key: Tree) -> tuple[tuple[Place, Moments], tuple[Kept, Report]]:
        place, scale, kept, report = step(round_, learner, *carry, key)
        return (place, scale), (kept, report)

    (place, scale), (kept, reports) = jax.lax.scan(body, (place, learner.scale), steps)
    episodes, returns, lengths, total, components = reports
    means = jax.tree.map(lambda column: column.mean(0), (total, components))
    return place, scale, kept, Report(episodes.sum(0), returns.sum(0), lengths.sum(0), *means)


def step(round_: Round, learner: Learner, place: Place, scale: Moments, key: Tree) -> tuple[Any, ...]:
    """One step: act, move, score, restart."""
    world, p, before = round_.world, learner.parameters, place.running
    raw = observe(round_, before)
    x = normal(learner.observations, raw)
    means = jax.vmap(network.mean)(p, x)
    noise = jax.vmap(lambda k: jax.random.normal(k, means.shape[1:]))(key[:, 0])
    error = jnp.exp(p["log_std"])[:, None] * noise
    running, seen = world.step(flat(before), flat(means + error))
    running, seen = folded(round_, running), folded(round_, seen)
    total, components, memory = score(round_, place, seen)
    discounted = place.discounted * round_.gamma + total
    scale = scale.merged(discounted.mean(1), discounted.var(1), round_.num_envs)
    reward = jnp.clip(total / scale.std[:, None], -round_.reward_clip, round_.reward_clip)
    final = jax.vmap(network.value)(p, normal(learner.observations, seen.observation))
    reward = reward + round_.gamma * jnp.where(seen.truncated, final, 0.0)
    ended = seen.terminated | seen.truncated
    own = place.own + total
    logs = jax.vmap(network.log_probability)(p, error)
    kept = Kept(raw, x, means + error, logs, jax.vmap(network.value)(p, x), reward, ended)
    report = Report(ended, own * ended, running.steps * ended, total.mean(1), components)
    running = restart(round_, running, ended, key[:, 1])
    return Place(running, ended, discounted * ~ended, own * ~ended, memory), scale, kept, report


def score(round_: Round, place: Place, seen: Any) -> tuple[Tree, list[dict[str, Tree]], tuple[Tree, ...]]:
    """Totals (K, N), mean components of each reward, and memories: each slice by its own program."""
    totals, components, memories = [], [], []
    for k, one in enumerate(round_.scores):
        state, action, following = jax.tree.map(lambda a: a[k], (place.running.state, seen.action, seen.next_state))  # noqa: B023
        total, named, memory = one(state, action, following, place.memory[k], place.fresh[k])
        totals.append(total)
        components.append({name: column.mean() for name, column in named.items()})
        memories.append(place.memory[k] if memory is None else memory)
    return jnp.stack(totals), components, tuple(memories)


def restart(round_: Round, running: Running, ended: Tree, keys: Tree) -> Running:
    count = round_.pool.physics.qpos.shape[1]
    chosen = jax.vmap(lambda key: jax.random.randint(key, (round_.num_envs,), 0, count))(keys)
    start = flat(drawn(round_.pool, chosen))
    begun: Running = folded(round_, round_.world.restart(flat(running), flat(ended), start))
    return begun


def drawn(pool: Start, chosen: Tree) -> Start:
    """Of each learner's pool the beginnings `chosen`, (K, N)."""
    picked: Start = jax.vmap(lambda own, rows: jax.tree.map(lambda column: column[rows], own))(pool, chosen)
    return picked


def observe(round_: Round, running: Running) -> Tree:
    return folded(round_, round_.world.observe(flat(running.state)))


def normal(moments: Moments, raw: Tree) -> Tree:
    """(K, N, d) observations as the network sees them."""
    x = (raw - moments.mean[:, None]) / moments.std[:, None]
    return jnp.clip(x, -OBSERVATION_CLIP, OBSERVATION_CLIP)


def flat(tree: Tree) -> Tree:
    """(K, N, ...) to (K * N, ...)."""
    return jax.tree.map(lambda a: a.reshape(a.shape[0] * a.shape[1], *a.shape[2:]), tree)


def folded(round_: Round, tree: Tree) -> Tree:
    """(K * N, ...) to (K, N, ...)."""
    return jax.tree.map(lambda a: a.reshape(len(round_.scores), round_.num_envs, *a.shape[1:]), tree)


# ---------------------------------------------------------------- learning, of one learner


def learn(
    round_: Round, p: Parameters, adam: Adam, key: Tree, seen: Kept, last: Tree, learning_rate: Tree
) -> tuple[Parameters, Adam]:
    """The epochs on one learner's rollout (T, N, ...); last: (N,) values after it."""
    advantage = advantages(round_, seen, last)
    target = advantage + seen.value
    advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    columns = Batch(seen.observation, seen.action, seen.log_probability, advantage, target)
    rows = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), columns)
    count = len(rows.advantage)
    size = min(round_.minibatch, count)

    def epoch(carry: tuple[Parameters, Adam], key: Tree) -> tuple[tuple[Parameters, Adam], None]:
        order = jax.random.permutation(key, count)[: count // size * size].reshape(-1, size)
        carry, _ = jax.lax.scan(minibatch, carry, order)
        return carry, None

    def minibatch(carry: tuple[Parameters, Adam], chosen: Tree) -> tuple[tuple[Parameters, Adam], None]:
        batch = jax.tree.map(lambda a: a[chosen], rows)
        return network.update(*carry, batch, round_.weights, learning_rate), None

    (p, adam), _ = jax.lax.scan(epoch, (p, adam), jax.random.split(key, round_.epochs))
    return p, adam


def advantages(round_: Round, seen: Kept, last: Tree) -> Tree:
    """Generalised advantage estimation (Schulman et al. 2016, eq. 16), (T, N)."""

    def back(carry: tuple[Tree, Tree], row: tuple[Tree, Tree, Tree]) -> tuple[tuple[Tree, Tree], Tree]:
        running, following = carry
        reward, value, ended = row
        alive = 1.0 - ended
        running = reward + round_.gamma * following * alive - value + round_.gamma * round_.gae_lambda * alive * running
        return (running, value), running

    _, found = jax.lax.scan(back, (jnp.zeros_like(last), last), (seen.reward, seen.value, seen.ended), reverse=True)
    return found
