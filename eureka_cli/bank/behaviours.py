"""Scripted policies that no reward has touched: stillness, noise, rhythms, reflexes, and mixtures bred from them.

All are one formula, so that a batch of different ones is one NumPy expression and any two can be told apart by their
numbers: action = bias + amplitude sin(2 pi (rate t + phase)) + gain z + noise, with z the observation in units of its
spread under chance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from eureka_cli.core import Array, Spaces

KINDS = ("still", "constant", "drift", "drift", "wave", "wave", "reflex", "reflex", "reflex", "mixed", "mixed")
"""In the proportions in which they are tried."""
SMOOTH = 0.9
"""How much of the noise of a step is left in the next one."""
SLOWEST, FASTEST = 0.005, 0.2
"""Cycles per step of rhythms."""
WEAKEST, STRONGEST = 0.3, 4.0
"""Action per spread of an observation, of reflexes."""
OBSERVATION_CLIP = 5.0


class Behaviours(NamedTuple):
    """N policies with k outputs (dimensions of the action, or one score a choice) over d observations."""

    bias: Array
    """(N, k)"""
    amplitude: Array
    """(N, k)"""
    phase: Array
    """(N, k)"""
    rate: Array
    """(N, 1) cycles a step."""
    gain: Array
    """(N, k, d)"""
    noise: Array
    """(N, 1) spread of smooth noise."""
    white: Array
    """(N, 1) half-width of uniform noise."""


def sample(kinds: list[str], spaces: Spaces, rng: np.random.Generator) -> Behaviours:
    """One chance policy of each kind named."""
    count, k, d = len(kinds), spaces.action_size, spaces.observation_size
    named = np.array(kinds)[:, None]
    size = rng.uniform(0.2, 1.0, (count, 1))

    def where(*names: str) -> Array:
        return np.isin(named, names)

    sparse = rng.random((count, k, d)) < min(1.0, 4 / d)
    strength = np.exp(rng.uniform(np.log(WEAKEST), np.log(STRONGEST), (count, 1, 1)))
    return Behaviours(
        bias=where("constant", "mixed") * size * rng.uniform(-1, 1, (count, k)),
        amplitude=where("wave", "mixed") * size * rng.uniform(-1, 1, (count, k)),
        phase=rng.random((count, k)),
        rate=np.exp(rng.uniform(np.log(SLOWEST), np.log(FASTEST), (count, 1))),
        gain=where("reflex", "mixed")[:, :, None] * sparse * strength * rng.normal(0, 1, (count, k, d)),
        noise=where("drift") * size,
        white=np.where(where("uniform"), 1.0, 0.0),
    )


def bred(parents: Behaviours, chosen: Array, rng: np.random.Generator) -> Behaviours:
    """Children of the chosen rows, every number a little changed; half of them only in their gains or their rhythm."""
    count, k, d = len(chosen), parents.bias.shape[1], parents.gain.shape[2]
    size = np.exp(rng.uniform(np.log(0.05), np.log(0.5), (count, 1)))
    rhythm, reflex = rng.random((count, 1)) < 0.75, rng.random((count, 1, 1)) < 0.75
    touched = rng.random((count, k, d)) < min(1.0, 8 / d)
    gain = parents.gain[chosen]
    change = touched * size[:, :, None] * (0.5 + 0.5 * np.abs(gain)) * rng.normal(0, 1, (count, k, d))
    return Behaviours(
        bias=parents.bias[chosen] + rhythm * size * rng.normal(0, 0.5, (count, k)),
        amplitude=parents.amplitude[chosen] + rhythm * size * rng.normal(0, 1, (count, k)),
        phase=parents.phase[chosen] + rhythm * size * rng.normal(0, 0.3, (count, k)),
        rate=np.clip(parents.rate[chosen] * np.exp(rhythm * size * rng.normal(0, 0.5, (count, 1))), SLOWEST, FASTEST),
        gain=gain + reflex * change,
        noise=parents.noise[chosen],
        white=parents.white[chosen],
    )


def join(parts: list[Behaviours]) -> Behaviours:
    return Behaviours(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Spread(NamedTuple):
    """Mean and standard deviation of observations under chance, (d,) each."""

    mean: Array
    std: Array


def acting(given: Behaviours, spaces: Spaces, spread: Spread, rng: np.random.Generator) -> Callable[[Array], Array]:
    """The policy that acts as behaviour i in environment i, from the first step of an episode on."""
    t = 0
    smooth = np.zeros_like(given.bias)

    def act(observation: Array) -> Array:
        nonlocal t, smooth
        z = np.clip((observation - spread.mean) / spread.std, -OBSERVATION_CLIP, OBSERVATION_CLIP)
        smooth = SMOOTH * smooth + np.sqrt(1 - SMOOTH**2) * rng.standard_normal(smooth.shape)
        out = given.bias + given.amplitude * np.sin(2 * np.pi * (given.rate * t + given.phase))
        out = out + np.einsum("nkd,nd->nk", given.gain, z)
        out = out + given.noise * smooth + given.white * rng.uniform(-1, 1, smooth.shape)
        t += 1
        return np.asarray(out.argmax(axis=1)) if spaces.discrete else np.clip(out, -1.0, 1.0)

    return act
