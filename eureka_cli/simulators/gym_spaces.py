"""Observations of any Gymnasium space as one vector for the policy, and as named parts for the reward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium import spaces

from eureka_cli.core import Array
from eureka_cli.errors import UsageError

MOST_NUMBERS = 10_000
"""An observation may have: policies here are small networks on vectors, and every step of a rollout is kept."""
WHOLE = "observation"
"""What a space without names is called."""


def parts(space: spaces.Space[Any], name: str = "") -> Iterator[tuple[str, spaces.Space[Any], tuple[Any, ...]]]:
    """(name, space, way to it) of every leaf, in the order of the policy's vector; texts are left out."""
    if isinstance(space, spaces.Dict | spaces.Tuple):
        inner = space.spaces.items() if isinstance(space, spaces.Dict) else enumerate(space.spaces)
        for key, value in inner:
            label = str(key) if isinstance(space, spaces.Dict) else f"{WHOLE}_{key}"
            for inside, leaf, way in parts(value, label):
                yield (f"{name}_{inside}" if name else inside, leaf, (key, *way))
    elif not is_text(space):
        yield (name or WHOLE, space, ())


def texts(space: spaces.Space[Any]) -> list[str]:
    """Names of the parts that are text, which neither policy nor reward sees."""
    if isinstance(space, spaces.Dict):
        return [name for name, inner in space.spaces.items() if is_text(inner)]
    return []


def is_text(space: spaces.Space[Any]) -> bool:
    return isinstance(space, spaces.Text) or type(space).__name__ == "MissionSpace"


def check(space: spaces.Space[Any], gym_id: str) -> None:
    """UsageError for an observation that no policy here can take."""
    leaves = list(parts(space))
    cure = "Wrap it in your registration: gymnasium.wrappers.TransformObservation, or FlattenObservation."
    known = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)
    odd = [leaf for _, leaf, _ in leaves if not isinstance(leaf, known)]
    if odd or not leaves:
        raise UsageError(f"{gym_id} observes {odd[0] if odd else space}, which is no vector of numbers. {cure}")
    size = sum(spaces.flatdim(leaf) for _, leaf, _ in leaves)
    if size > MOST_NUMBERS:
        raise UsageError(
            f"{gym_id} observes {size:,} numbers a step; policies here take at most {MOST_NUMBERS:,}. Shrink it in your"
            " registration (gymnasium.wrappers.ResizeObservation, GrayscaleObservation), or write an env.py whose"
            " `observe` says what the policy sees."
        )


def flatten(space: spaces.Space[Any], observation: Any) -> Array:
    """(d,) float32: what the policy sees. Choices are one-hot."""
    flat = [spaces.flatten(leaf, reach(observation, way)) for _, leaf, way in parts(space)]
    return np.concatenate([np.asarray(value, np.float32).ravel() for value in flat])


def reach(observation: Any, way: tuple[Any, ...]) -> Any:
    for key in way:
        observation = observation[key]
    return observation


def check_action(space: spaces.Space[Any], gym_id: str) -> None:
    if not isinstance(space, spaces.Discrete | spaces.Box):
        cure = "Wrap it in your registration: gymnasium.wrappers.TransformAction."
        raise UsageError(f"{gym_id} acts in {space}; only Box and Discrete actions can be trained. {cure}")
