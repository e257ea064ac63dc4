"""Policies as plain arrays: act, save, load. No framework, no pickle; what a worker wrote is read as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eureka_cli.core import Array
from eureka_cli.errors import UsageError

FORMAT = 1
LARGEST_FILE = 64 << 20
OBSERVATION_CLIP = 10.0
ARRAYS = ("w1", "b1", "w2", "b2", "w3", "b3", "log_std", "mean", "std")


@dataclass(frozen=True, slots=True)
class Policy:
    """A two-layer tanh network on normalised observations; Gaussian mean or logits of a choice."""

    discrete: bool
    w1: Array
    """(d, h)"""
    b1: Array
    w2: Array
    """(h, h)"""
    b2: Array
    w3: Array
    """(h, k)"""
    b3: Array
    log_std: Array
    """(k,); unused when discrete."""
    mean: Array
    """(d,) of observations."""
    std: Array
    """(d,) of observations."""


def act(policy: Policy, observation: Array, rng: np.random.Generator | None = None) -> Array:
    """Actions for (N, d) observations: (N, k) in [-1, 1], or (N,) integers. Deterministic without `rng`."""
    x = np.clip((observation - policy.mean) / policy.std, -OBSERVATION_CLIP, OBSERVATION_CLIP).astype(np.float32)
    hidden = np.tanh(x @ policy.w1 + policy.b1)
    hidden = np.tanh(hidden @ policy.w2 + policy.b2)
    out = hidden @ policy.w3 + policy.b3
    if policy.discrete:
        noise = rng.gumbel(size=out.shape) if rng is not None else 0.0
        choice: Array = np.argmax(out + noise, axis=1)
        return choice
    if rng is not None:
        out = out + np.exp(policy.log_std) * rng.standard_normal(out.shape, np.float32)
    clipped: Array = np.clip(out, -1.0, 1.0)
    return clipped


def save(file: Path, policy: Policy) -> None:
    """Write arrays and a JSON header as .npz."""
    header = json.dumps({"format": FORMAT, "kind": "mlp", "activation": "tanh", "discrete": policy.discrete})
    arrays = {name: getattr(policy, name) for name in ARRAYS}
    np.savez(file, header=np.frombuffer(header.encode(), np.uint8), **arrays)


def load(file: Path) -> Policy:
    """Read a policy as data: size, header and shapes checked, nothing executed. Raises UsageError."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ValueError("it is too large")
        with np.load(file, allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            if header != {"format": FORMAT, "kind": "mlp", "activation": "tanh", "discrete": header.get("discrete")}:
                raise ValueError(f"its header is {header}")
            found = {name: arrays[name] for name in ARRAYS}
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{file} is not a policy this version can read: {error}.") from None
    policy = Policy(discrete=bool(header["discrete"]), **found)
    d, h = policy.w1.shape
    k = policy.w3.shape[1]
    wanted = ((d, h), (h,), (h, h), (h,), (h, k), (k,), (k,), (d,), (d,))
    shapes = tuple(getattr(policy, name).shape for name in ARRAYS)
    if shapes != wanted or not all(np.isfinite(getattr(policy, name)).all() for name in ARRAYS):
        raise UsageError(f"{file} is not a policy: its shapes are {shapes}, or it holds NaN.")
    return policy
