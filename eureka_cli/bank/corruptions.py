"""Honest episodes spoilt on purpose. The trusted fitness is asked of them too, so no corruption is bad by decree.

A reward that pays a spoilt episode as much as the honest one, where fitness calls it much worse, can be hacked in
just that way: by trembling, by going back and forth, by standing still, by ending early, by ignoring the goal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eureka_cli.core import Array, Trajectory

RATE = re.compile(r"(velocit|speed|_rate$|^rate_)")
GOAL = re.compile(r"(^|_)(goal|target|desired|command)")
UP_TO = 0.3
"""Share of the episode that is left as it was."""
SWING = 0.1
"""Length of one leg of a see-saw, as a share of the episode."""
LEG = 3
"""Fewest steps of a leg."""
SHORTEST = 10
"""Steps below which an episode is left alone."""
CLOCKS = ("time", "terminated")


def spoilt(
    trajectory: Trajectory, others: Sequence[Trajectory], units: Mapping[str, str], *, can_end: bool
) -> Iterator[tuple[str, Trajectory]]:
    """(name, episode) of every corruption that applies. One of `others` lends its goal; `units` by State field."""
    steps = len(trajectory)
    if steps < SHORTEST:
        return
    stop = max(LEG, int(UP_TO * steps))
    if can_end:
        yield "end early", _cut(trajectory, stop)
    if "mixed" in units.values():
        return  # a field of positions and rates together cannot be turned round
    points = np.arange(steps + 1)
    turning = _signs(trajectory.state._fields, units)
    yield "reverse", _walked(trajectory, points[::-1], np.full(steps + 1, -1.0), turning)
    # The others go as it went up to a point: an episode that begins where none can begin proves nothing.
    yield "freeze", _walked(trajectory, np.minimum(points, stop), np.where(points < stop, 1.0, 0.0), turning)
    yield "see-saw", _walked(trajectory, *_see_saw(points, stop), turning)
    alternating = np.where(points <= stop, 1.0, np.where((points - stop) % 2, -1.0, 1.0))
    yield "tremble", _walked(trajectory, np.minimum(points, stop), alternating, turning)
    goals = [name for name in trajectory.state._fields if GOAL.search(name)]
    if goals:
        far = max(others, key=lambda other: _apart(trajectory, other, goals))
        if _apart(trajectory, far, goals) > 0:
            yield "another goal", _with_goal(trajectory, {name: getattr(far.state, name)[0] for name in goals})


def _apart(one: Trajectory, other: Trajectory, goals: Sequence[str]) -> float:
    return float(sum(np.abs(getattr(one.state, name)[0] - getattr(other.state, name)[0]).sum() for name in goals))


def _signs(fields: tuple[str, ...], units: Mapping[str, str]) -> set[str]:
    """Fields that change sign when time runs backwards."""
    return {name for name in fields if units.get(name, "").endswith("/s") or RATE.search(name)}


def _see_saw(points: Array, stop: int) -> tuple[Array, Array]:
    """Places and directions of a walk to `stop` that then goes back and forth over the last leg of it."""
    leg = max(LEG, int(SWING * (len(points) - 1)))
    leg = min(leg, stop)
    place = np.maximum(points - stop, 0) % (2 * leg)
    back = place < leg
    swinging = stop - np.where(back, place, 2 * leg - place)
    return np.where(points <= stop, points, swinging), np.where((points > stop) & back, -1.0, 1.0)


def _walked(trajectory: Trajectory, order: Array, direction: Array, turning: set[str]) -> Trajectory:
    """The episode's points in another order; rates are multiplied by the direction in which each point is passed."""
    fields = trajectory.state._fields
    columns: dict[str, Array] = {}
    for name in fields:
        points = np.concatenate([getattr(trajectory.state, name), getattr(trajectory.next_state, name)[-1:]])
        if name in CLOCKS:
            columns[name] = points if name == "time" else np.zeros_like(points)
            continue
        walked = points[order]
        if name in turning:
            walked = walked * direction.reshape(-1, *([1] * (walked.ndim - 1)))
        columns[name] = walked
    kind: Any = type(trajectory.state)
    rows = np.minimum(order[:-1], len(trajectory) - 1)
    return replace(
        trajectory,
        state=kind(**{name: columns[name][:-1] for name in fields}),
        next_state=kind(**{name: columns[name][1:] for name in fields}),
        action=trajectory.action[rows],
        terminated=False,
        truncated=True,
        info={name: values[rows] for name, values in trajectory.info.items()},
    )


def _cut(trajectory: Trajectory, steps: int) -> Trajectory:
    """The episode ended by termination after a part of it."""
    kind: Any = type(trajectory.state)
    state = kind(*(values[:steps] for values in trajectory.state))
    after = kind(*(values[:steps] for values in trajectory.next_state))
    flags = np.zeros(steps, bool)
    flags[-1] = True
    return replace(
        trajectory,
        state=state,
        next_state=after._replace(terminated=flags),
        action=trajectory.action[:steps],
        terminated=True,
        truncated=False,
        info={name: values[:steps] for name, values in trajectory.info.items()},
    )


def _with_goal(trajectory: Trajectory, goals: Mapping[str, Array]) -> Trajectory:
    def aimed(side: Any) -> Any:
        values = {name: np.broadcast_to(goal, getattr(side, name).shape) for name, goal in goals.items()}
        return side._replace(**values)

    return replace(trajectory, state=aimed(trajectory.state), next_state=aimed(trajectory.next_state))
