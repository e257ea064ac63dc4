"""Actor and critic of mjx_ppo as pure functions of JAX arrays: the network, loss and Adam of native_ppo.

Parameters begin as native_ppo's, its blocks taken apart. Functions take one learner; a round maps them over K.
Shapes: observations (B, d), hidden h, actions (B, k).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from eureka_cli.core import Spaces
from eureka_cli.trainers.native_ppo_network import ADAM_EPSILON, BETA1, BETA2, Network, Weights

Tree = Any
Parameters = dict[str, Tree]


class Adam(NamedTuple):
    """Moments of the gradient, and how many steps were taken."""

    first: Parameters
    second: Parameters
    steps: Tree


class Batch(NamedTuple):
    """A minibatch of the surrogate problem."""

    observation: Tree
    action: Tree
    log_probability: Tree
    advantage: Tree
    target: Tree


def begin(spaces: Spaces, hidden: int, log_std: float, seed: int) -> tuple[Parameters, Adam]:
    """A learner's parameters as native_ppo begins with them."""
    rng = np.random.default_rng(seed)
    network = Network(spaces.observation_size, spaces.action_size, hidden, discrete=False, log_std=log_std, rng=rng)
    p, h = network.p, hidden
    arrays = {
        **{"w1": p["w1"][:-1], "b1": p["w1"][-1], "log_std": p["log_std"]},
        **{"actor_w2": p["actor_w2"], "actor_b2": p["b2"][:h], "actor_w3": p["w3"][:h, :-1], "actor_b3": p["b3"][:-1]},
        **{"critic_w2": p["critic_w2"], "critic_b2": p["b2"][h:]},
        **{"critic_w3": p["w3"][h:, -1:], "critic_b3": p["b3"][-1:]},
    }
    parameters = {name: jnp.array(value) for name, value in arrays.items()}
    zero = {name: jnp.zeros_like(value) for name, value in parameters.items()}
    return parameters, Adam(zero, dict(zero), jnp.zeros((), jnp.int32))


def mean(p: Parameters, x: Tree) -> Tree:
    """(B, k) means of actions."""
    h = p["actor_w2"].shape[0]
    first = jnp.tanh(x @ p["w1"][:, :h] + p["b1"][:h])
    return jnp.tanh(first @ p["actor_w2"] + p["actor_b2"]) @ p["actor_w3"] + p["actor_b3"]


def value(p: Parameters, x: Tree) -> Tree:
    """(B,) values."""
    h = p["critic_w2"].shape[0]
    first = jnp.tanh(x @ p["w1"][:, h:] + p["b1"][h:])
    return (jnp.tanh(first @ p["critic_w2"] + p["critic_b2"]) @ p["critic_w3"] + p["critic_b3"])[..., 0]


def log_probability(p: Parameters, error: Tree) -> Tree:
    """Of actions `error` (..., k) away from their mean."""
    scaled = error * jnp.exp(-p["log_std"])
    scale = p["log_std"].sum() + 0.5 * p["log_std"].shape[0] * jnp.log(2 * jnp.pi)
    return -0.5 * (scaled * scaled).sum(-1) - scale


def loss(p: Parameters, batch: Batch, weights: Weights) -> Tree:
    """Clipped surrogate, value error and entropy (Schulman et al. 2017, eq. 9)."""
    log_p = log_probability(p, batch.action - mean(p, batch.observation))
    ratio = jnp.exp(log_p - batch.log_probability)
    held = jnp.clip(ratio, 1 - weights.clip, 1 + weights.clip)
    surrogate = jnp.minimum(ratio * batch.advantage, held * batch.advantage).mean()
    error = value(p, batch.observation) - batch.target
    return weights.value * (error * error).mean() - surrogate - weights.entropy * p["log_std"].sum()


def update(p: Parameters, adam: Adam, batch: Batch, weights: Weights, learning_rate: Tree) -> tuple[Parameters, Adam]:
    """One Adam step, the gradient's norm clipped."""
    gradient = jax.grad(loss)(p, batch, weights)
    norm = jnp.sqrt(sum((g * g).sum() for g in jax.tree.leaves(gradient)))
    shrink = jnp.where(norm > weights.max_gradient, weights.max_gradient / (norm + 1e-6), 1.0)
    steps = adam.steps + 1
    first = jax.tree.map(lambda m, g: BETA1 * m + (1 - BETA1) * shrink * g, adam.first, gradient)
    second = jax.tree.map(lambda v, g: BETA2 * v + (1 - BETA2) * jnp.square(shrink * g), adam.second, gradient)
    rate, debias = learning_rate / (1 - BETA1**steps), 1 / (1 - BETA2**steps)
    after = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v * debias) + ADAM_EPSILON), p, first, second)
    return after, Adam(first, second, steps)
