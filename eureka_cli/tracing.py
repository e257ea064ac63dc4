"""Episodes of chance, of a policy and of its beginnings, with what every step added to fitness.

Made by the evaluator; no reward is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from eureka_cli import arrays, evaluator, policies
from eureka_cli.core import Array, Rollout, Simulator, Trajectory
from eureka_cli.evaluator import Act
from eureka_cli.policies import Policy

SIDES = "state", "next_state"


@dataclass(frozen=True)
class Trace:
    """k whole episodes of one actor, n steps in all."""

    rollout: Rollout
    """(n, 1, ...) as a reward sees it."""
    observation: Array
    """(n, d) the actor saw before each step."""
    truth: Array
    """(n,) what each step added to fitness."""
    lengths: Array
    """(k,)"""

    @property
    def fields(self) -> dict[str, tuple[int, ...]]:
        """State field to its shape without the batch axis."""
        return {name: values.shape[2:] for name, values in self.rollout.state.items()}

    @property
    def action_shape(self) -> tuple[int, ...]:
        return tuple(self.rollout.action.shape[2:])

    @property
    def place(self) -> Array:
        """(n, d + k) observation and action."""
        action = self.rollout.action[:, 0]
        return np.concatenate([self.observation, action.reshape(len(action), -1)], axis=1)


class Seen(NamedTuple):
    """Episodes, and the observation before each of their steps."""

    trajectories: list[Trajectory]
    observations: list[Array]


def watch(simulator: Simulator, act: Act, seeds: Array) -> Seen:
    """One episode from each of `seeds` (num_envs,)."""
    seen: list[Array] = []

    def noted(observation: Array) -> Array:
        seen.append(np.array(observation))
        return act(observation)

    trajectories = evaluator.rollouts(simulator, noted, seeds)
    observed = np.stack(seen)  # (steps, envs, d)
    return Seen(trajectories, [observed[: len(each), env] for env, each in enumerate(trajectories)])


def in_turn(actors: Sequence[Policy]) -> Act:
    """Environment i acts by policy i, deterministic as the shipped one."""

    def act(observation: Array) -> Array:
        return np.concatenate([policies.act(actor, observation[i : i + 1]) for i, actor in enumerate(actors)])

    return act


def judged(seen: Mapping[str, Seen], truth: Sequence[Array]) -> dict[str, Trace]:
    """Traces of all actors; truth: per step, of every trajectory in turn."""
    left = iter(truth)
    return {
        name: Trace(
            rollout=evaluator.as_rollout(part.trajectories),
            observation=np.concatenate(part.observations),
            truth=np.concatenate([next(left) for _ in part.trajectories]),
            lengths=np.array([len(each) for each in part.trajectories]),
        )
        for name, part in seen.items()
    }


def save(file: Path, traces: Mapping[str, Trace]) -> None:
    arrays: dict[str, Any] = {}
    for name, found in traces.items():
        rollout = found.rollout
        arrays |= {
            f"{name}/{side}/{field}": values for side in SIDES for field, values in getattr(rollout, side).items()
        }
        arrays |= {f"{name}/{fact}": getattr(found, fact) for fact in ("observation", "truth", "lengths")}
        arrays |= {f"{name}/action": rollout.action, f"{name}/starts": rollout.starts}
    np.savez_compressed(file, **arrays)


def load(file: Path) -> dict[str, Trace]:
    found = arrays.read(file)
    with arrays.readable(file):
        return {name: _one(name, found) for name in dict.fromkeys(name.split("/")[0] for name in found)}


def _one(name: str, arrays: Mapping[str, Array]) -> Trace:
    def side(which: str) -> dict[str, Array]:
        start = f"{name}/{which}/"
        return {key.removeprefix(start): values for key, values in arrays.items() if key.startswith(start)}

    rollout = Rollout(side("state"), arrays[f"{name}/action"], side("next_state"), arrays[f"{name}/starts"])
    facts = (arrays[f"{name}/{fact}"] for fact in ("observation", "truth", "lengths"))
    return Trace(rollout, *facts)
