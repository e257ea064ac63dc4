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
