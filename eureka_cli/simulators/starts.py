"""A pool of settled starts: costly resets are paid once per world and cached; an episode draws one by its noise."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from eureka_cli.arrays import read
from eureka_cli.core import Array, digest
from eureka_cli.store import write_atomic

POOL = 256
"""Starts kept in a pool."""

Settle = Callable[[Array], tuple[dict[str, Array], Array]]
"""Noise (B, n) to arrays (B, ...) of settled starts and a mask (B,) of those worth keeping."""


def pool(prepare: Callable[[], Settle], *, noise: int, name: list[str], cache: Path | None) -> dict[str, Array]:
    """Settled starts as arrays (POOL, ...), from the cache where they are there."""
    file = cache / "starts" / f"{digest(name)}.npz" if cache else None
    if file is not None and file.exists():
        return read(file, "Delete it: it is made again.")
    settle = prepare()
    kept: dict[str, list[Array]] = {}
    count = 0
    rng = np.random.Generator(np.random.Philox(key=0))
    for _ in range(16):
        arrays, good = settle(rng.random((POOL, noise)))
        for key, values in arrays.items():
            kept.setdefault(key, []).append(values[good])
        count += int(good.sum())
        if count >= POOL:
            break
    starts = {key: np.concatenate(parts)[:POOL] for key, parts in kept.items()}
    if not count:
        raise ValueError("No start settled: settled(xp, state) refused every one of them.")
    if file is not None:
        buffer = io.BytesIO()
        np.savez(buffer, **starts)  # type: ignore[arg-type]
        write_atomic(file, buffer.getvalue())
    return starts
