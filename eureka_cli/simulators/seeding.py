"""Noise of an episode from (seed of its environment, number of the episode) alone: neighbours change nothing."""

from __future__ import annotations

import numpy as np

from eureka_cli.core import Array


def uniforms(seeds: Array, episodes: Array, count: int) -> Array:
    """(B, count) uniform in [0, 1): row i is a pure function of (seeds[i], episodes[i]).

    Philox is counter-based (Salmon et al. 2011): the pair is its key, so no state has to be kept or restored.
    """
    rows = np.empty((len(seeds), count))
    for row, seed, episode in zip(rows, seeds, episodes, strict=True):
        key = np.array([seed, episode], dtype=np.uint64)
        row[:] = np.random.Generator(np.random.Philox(key=key)).random(count)
    return rows


GOLDEN, FIRST, SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
"""Constants of SplitMix64."""


def stepwise(seeds: Array, episodes: Array, steps: Array, count: int) -> Array:
    """(B, count) uniform in [0, 1): row i is a pure function of (seeds[i], episodes[i], steps[i]).

    SplitMix64 (Steele et al. 2014) begun at a mixture of the three: all rows in a few NumPy calls, at every step.
    """
    state: Array = seeds.astype(np.uint64)
    for part in (episodes, steps):
        state = _mixed(state + GOLDEN) ^ part.astype(np.uint64)
    state = _mixed(state + GOLDEN)
    bits = _mixed(state[:, None] + GOLDEN * np.arange(1, count + 1, dtype=np.uint64))
    result: Array = (bits >> np.uint64(11)) * 2.0**-53
    return result


def _mixed(bits: Array) -> Array:
    bits = (bits ^ (bits >> np.uint64(30))) * FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * SECOND
    result: Array = bits ^ (bits >> np.uint64(31))
    return result
