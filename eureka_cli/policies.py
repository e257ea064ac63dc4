"""Policies as plain arrays: act, save, load. No framework, no pickle; what a worker wrote is read as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from eureka_cli.arrays import BROKEN
from eureka_cli.core import Array
from eureka_cli.errors import UsageError

FORMAT = 2
LARGEST_FILE = 64 << 20
MOST_LAYERS = 16
OBSERVATION_CLIP = 10.0


def _relu(x: Array) -> Array:
    return np.maximum(x, 0.0)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {"tanh": np.tanh, "relu": _relu}


@dataclass(frozen=True, slots=True)
class Policy:
    """A network of dense layers on normalised observations; mean of a Gaussian, or a score per choice."""

    weights: tuple[Array, ...]
    """Per layer (inputs, outputs); the first takes the d numbers of an observation, the last gives k."""
    biases: tuple[Array, ...]
    log_std: Array
    """(k,); unused when discrete."""
    mean: Array
    """(d,) of observations."""
    std: Array
    """(d,) of observations."""
    discrete: bool = False
    activation: Literal["tanh", "relu"] = "tanh"
    squashed: bool = False
    """Actions are tanh of the last layer (SAC, TD3) instead of clipped."""


def act(policy: Policy, observation: Array, rng: np.random.Generator | None = None) -> Array:
    """Actions for (N, d) observations: (N, k) in [-1, 1], or (N,) integers. Deterministic without `rng`."""
    activate = ACTIVATIONS[policy.activation]
    x: Array = np.clip((observation - policy.mean) / policy.std, -OBSERVATION_CLIP, OBSERVATION_CLIP)
    x = x.astype(np.float32)
    for weight, bias in zip(policy.weights[:-1], policy.biases[:-1], strict=True):
        x = activate(x @ weight + bias)
    out = x @ policy.weights[-1] + policy.biases[-1]
    if policy.discrete:
        noise = rng.gumbel(size=out.shape) if rng is not None else 0.0
        choice: Array = np.argmax(out + noise, axis=1)
        return choice
    if rng is not None:
        out = out + np.exp(policy.log_std) * rng.standard_normal(out.shape, np.float32)
    clipped: Array = np.tanh(out) if policy.squashed else np.clip(out, -1.0, 1.0)
    return clipped


def to_arrays(policy: Policy) -> dict[str, Array]:
    """Arrays and a JSON header: what a file or a checkpoint holds of a policy."""
    header: dict[str, object] = {"format": FORMAT, "layers": len(policy.weights), "discrete": policy.discrete}
    header |= {"activation": policy.activation, "squashed": policy.squashed}
    arrays = {"header": np.frombuffer(json.dumps(header, sort_keys=True).encode(), np.uint8)}
    for k, (weight, bias) in enumerate(zip(policy.weights, policy.biases, strict=True)):
        arrays |= {f"w{k}": weight, f"b{k}": bias}
    return {**arrays, "log_std": policy.log_std, "mean": policy.mean, "std": policy.std}


def from_arrays(arrays: Mapping[str, Array]) -> Policy:
    """The policy of `to_arrays`; header, shapes and numbers checked. Raises ValueError or KeyError."""
    header = json.loads(np.asarray(arrays["header"]).tobytes())
    if header["format"] != FORMAT or header["activation"] not in ACTIVATIONS:
        raise ValueError(f"its header is {header}")
    layers = range(int(header["layers"]))
    if not 0 < len(layers) <= MOST_LAYERS:
        raise ValueError(f"it has {len(layers)} layers")
    policy = Policy(
        weights=tuple(np.array(arrays[f"w{k}"]) for k in layers),
        biases=tuple(np.array(arrays[f"b{k}"]) for k in layers),
        log_std=np.array(arrays["log_std"]),
        mean=np.array(arrays["mean"]),
        std=np.array(arrays["std"]),
        discrete=bool(header["discrete"]),
        activation=header["activation"],
        squashed=bool(header["squashed"]),
    )
    _check(policy)
    return policy


def _check(policy: Policy) -> None:
    numbers = [*policy.weights, *policy.biases, policy.log_std, policy.mean, policy.std]
    if any(array.dtype.kind != "f" for array in numbers) or not all(np.isfinite(array).all() for array in numbers):
        raise ValueError("it holds something other than finite numbers")
    width = policy.mean.shape
    if policy.std.shape != width:
        raise ValueError("its observation statistics differ in length")
    for weight, bias in zip(policy.weights, policy.biases, strict=True):
        if weight.ndim != 2 or (weight.shape[0],) != width or bias.shape != (weight.shape[1],):
            raise ValueError(f"a layer of shape {weight.shape} does not fit")
        width = bias.shape
    if policy.log_std.shape != width:
        raise ValueError("its log_std does not fit its last layer")


def save(file: Path, policy: Policy) -> None:
    """Write a policy as .npz."""
    arrays: dict[str, Any] = to_arrays(policy)
    np.savez(file, **arrays)


def load(file: Path) -> Policy:
    """Read a policy as data: nothing is executed. Raises UsageError where it is none."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise ValueError("it is too large")
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return from_arrays(arrays)
    except BROKEN as error:
        raise UsageError(f"{file} is not a policy this version can read: {error}.") from None
