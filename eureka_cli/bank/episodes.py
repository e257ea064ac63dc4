"""A Bank: whole episodes one after the other, each with the fitness the trusted evaluator gave it and where it is from.

An episode of T steps is T + 1 points; the reward's `state` and `next_state` are neighbours among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from eureka_cli import arrays
from eureka_cli.core import Array, Rollout, Trajectory

NONE = -1


@dataclass(frozen=True)
class Bank:
    """n episodes with R steps in all."""

    points: Mapping[str, Array]
    """State field to (R + n, ...)."""
    action: Array
    """(R, ...)"""
    lengths: Array
    """(n,) steps."""
    fitness: Array
    """(n,)"""
    merit: Array
    """(n,) mean fitness of who acted, over several starts."""
    luck: Array
    """(n,) standard deviation of the same."""
    success: Array
    """(n,) 1 or 0; NaN where the task declares no success."""
    ended: Array
    """(n,) bool: ended early."""
    origin: Array
    """(n,) the episode this one is a corruption of; -1 for one that really happened."""
    source: tuple[str, ...]
    """(n,) who acted (`wave`, `candidate 3fa9c1`), or how it was spoilt (`reverse`)."""

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def real(self) -> Array:
        """(n,) bool: it happened; nobody spoilt it."""
        return np.asarray(self.origin == NONE)

    @cached_property
    def starts(self) -> Array:
        """(n,) first row of every episode."""
        return np.concatenate([[0], np.cumsum(self.lengths)[:-1]])

    @cached_property
    def before(self) -> Array:
        """(R,) index among the points of every row's state; its next_state follows it."""
        return np.arange(len(self.action)) + np.repeat(np.arange(len(self)), self.lengths)

    @cached_property
    def episode(self) -> Array:
        """(R,) the episode of every row."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def fields(self) -> dict[str, tuple[int, ...]]:
        """State field to its shape without the batch axis."""
        return {name: values.shape[1:] for name, values in self.points.items()}

    @property
    def action_shape(self) -> tuple[int, ...]:
        return tuple(self.action.shape[1:])

    def rollout(self) -> Rollout:
        """All rows as a reward sees them, (R, 1, ...)."""
        now = {name: _wide(values[self.before])[:, None] for name, values in self.points.items()}
        then = {name: _wide(values[self.before + 1])[:, None] for name, values in self.points.items()}
        starts = np.zeros((len(self.action), 1), bool)
        starts[self.starts] = True
        return Rollout(now, _wide(self.action)[:, None], then, starts)

    @cached_property
    def activity(self) -> Array:
        """(n,) how much moves in a step: mean absolute change of all numbers in units of their spread."""
        changes = []
        for name, values in self.points.items():
            if name in ("time", "terminated"):
                continue
            flat = values.reshape(len(values), -1).astype(float)
            spread = flat.std(axis=0) + 1e-9
            changes.append((np.abs(flat[self.before + 1] - flat[self.before]) / spread).mean(axis=1))
        per_row = np.mean(changes, axis=0)
        return np.asarray(np.add.reduceat(per_row, self.starts) / self.lengths)


def of(
    trajectories: Sequence[Trajectory],
    *,
    fitness: Sequence[float],
    merit: Sequence[float],
    luck: Sequence[float],
    success: Sequence[bool] | None,
    source: Sequence[str],
    origin: Sequence[int] | None = None,
) -> Bank:
    """A bank of trajectories with their labels; single precision is plenty for ranking and halves the file."""
    fields = trajectories[0].state._fields
    points = {name: np.concatenate([_points(trajectory, name) for trajectory in trajectories]) for name in fields}
    return Bank(
        points=points,
        action=np.concatenate([_narrow(trajectory.action) for trajectory in trajectories]),
        lengths=np.array([len(trajectory) for trajectory in trajectories]),
        fitness=np.array(fitness, float),
        merit=np.array(merit, float),
        luck=np.array(luck, float),
        success=np.full(len(trajectories), np.nan) if success is None else np.array(success, float),
        ended=np.array([trajectory.terminated for trajectory in trajectories]),
        origin=np.full(len(trajectories), NONE) if origin is None else np.array(origin),
        source=tuple(source),
    )


def join(banks: Sequence[Bank]) -> Bank:
    """One bank of several; origins keep pointing at the episodes they mean."""
    offsets = np.concatenate([[0], np.cumsum([len(bank) for bank in banks])[:-1]])
    origins = [np.where(bank.real, NONE, bank.origin + offset) for bank, offset in zip(banks, offsets, strict=True)]
    return Bank(
        points={name: np.concatenate([bank.points[name] for bank in banks]) for name in banks[0].points},
        action=np.concatenate([bank.action for bank in banks]),
        lengths=np.concatenate([bank.lengths for bank in banks]),
        fitness=np.concatenate([bank.fitness for bank in banks]),
        merit=np.concatenate([bank.merit for bank in banks]),
        luck=np.concatenate([bank.luck for bank in banks]),
        success=np.concatenate([bank.success for bank in banks]),
        ended=np.concatenate([bank.ended for bank in banks]),
        origin=np.concatenate(origins),
        source=tuple(name for bank in banks for name in bank.source),
    )


def save(file: Path, bank: Bank) -> None:
    facts = ("action", "lengths", "fitness", "merit", "luck", "success", "ended", "origin")
    arrays = {name: getattr(bank, name) for name in facts}
    arrays |= {f"points/{name}": values for name, values in bank.points.items()}
    arrays["source"] = np.frombuffer(json.dumps(bank.source).encode(), np.uint8)
    np.savez_compressed(file, **arrays)


def load(file: Path) -> Bank:
    found = arrays.read(file)
    with arrays.readable(file):
        points = {name.removeprefix("points/"): found.pop(name) for name in list(found) if name.startswith("points/")}
        source = tuple(json.loads(found.pop("source").tobytes()))
        return Bank(points=points, source=source, **found)


def _points(trajectory: Trajectory, field: str) -> Array:
    now, then = np.asarray(getattr(trajectory.state, field)), np.asarray(getattr(trajectory.next_state, field))
    return _narrow(np.concatenate([now, then[-1:]]))


def _narrow(values: Array) -> Array:
    return values.astype(np.float32) if values.dtype.kind == "f" else values


def _wide(values: Array) -> Array:
    return values.astype(float) if values.dtype.kind == "f" else values
