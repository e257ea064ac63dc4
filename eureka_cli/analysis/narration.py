"""Episodes that failed, as text for the Trajectory Analyzer: what changed when, and the last steps in numbers.

Li et al. 2024, "Auto MC-Reward": the analyzer reads the last steps of failed trajectories. Works on any State.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

import numpy as np

from eureka_cli.core import Array, Score, Trajectory

VERSION = 1
"""Raise by hand when a change here changes a text: it is part of the key of jobs that narrate."""
MOST_EVENTS = 12
MOST_COLUMNS = 10
WIDEST = 3
"""Components of a field that still fit a column; wider ones tell events alone."""
MOST_COUNTERS = 32
RARE = 0.05
"""Share of steps up to which changes of a whole number are events."""

Names = Mapping[str, Sequence[str]]
"""State field (or `action`) to what its numbers, or its components, are called."""


def vocabulary(env: ModuleType | None, trajectory: Trajectory) -> Names:
    """Names that env.py has for numbers: ACHIEVEMENTS of `achievements`, KINDS of `facing_kind`, ACTION_NAMES."""
    found = {}
    for name in ("action", *trajectory.state._fields):
        places = ("ACTION_NAMES",) if name == "action" else (name.upper(), f"{name.rpartition('_')[2].upper()}S")
        for place in places:
            told = getattr(env, place, None)
            if isinstance(told, list | tuple) and all(isinstance(word, str) for word in told):
                found[name] = told
    return found


def failed(trajectories: Sequence[Trajectory], score: Score, names: Names, *, count: int, last: int) -> list[str]:
    """Texts of up to `count` failed episodes; where the task declares no success, of those of least fitness."""
    if score.successes is None:
        chosen = sorted(np.argsort(score.episodes, kind="stable")[:count].tolist())
    else:
        chosen = [k for k, good in enumerate(score.successes) if not good][:count]
    fate = "failed" if score.successes else "among the weakest"
    return [f"Episode {k + 1} of {len(trajectories)}: {fate}. {tell(trajectories[k], names, last)}" for k in chosen]


def tell(trajectory: Trajectory, names: Names, last: int) -> str:
    """One episode: how it ended, its latest events, its last steps."""
    how = "ended early by termination" if trajectory.terminated else "cut off by the time limit"
    steps = min(last, len(trajectory))
    lines = [f"{len(trajectory)} of {trajectory.horizon} steps, {how}."]
    happened = _events(trajectory, names)
    if happened:
        more = f"the last {MOST_EVENTS} of {len(happened)}" if len(happened) > MOST_EVENTS else "all"
        lines.append(f"Events ({more}): " + "; ".join(happened[-MOST_EVENTS:]))
    lines.append(f"The last {steps} steps, each with what it led to:")
    return "\n".join([*lines, *_table(trajectory, names, steps)])


def _values(trajectory: Trajectory, field: str) -> Array:
    """(T, k) of what each step led to."""
    values = np.asarray(getattr(trajectory.next_state, field), float)
    return values.reshape(len(values), -1)


def _fields(trajectory: Trajectory) -> list[str]:
    return [field for field in trajectory.next_state._fields if field not in ("time", "terminated")]


def _events(trajectory: Trajectory, names: Names) -> list[str]:
    """Rare changes of whole numbers, such as an inventory's, in order of time."""
    found = []
    for field in _fields(trajectory):
        after = _values(trajectory, field)
        first = np.asarray(getattr(trajectory.state, field), float)[:1].reshape(1, -1)
        before = np.concatenate([first, after[:-1]])
        changed = after != before
        whole = after.shape[1] <= MOST_COUNTERS and (after == np.round(after)).all()
        if not whole or changed.any(axis=1).mean() > RARE:
            continue
        for step, part in zip(*np.nonzero(changed), strict=True):
            label, told = _label(field, int(part), after.shape[1], names)
            change = f"{_word(before[step, part], told)} -> {_word(after[step, part], told)}"
            found.append((int(step), f"step {step + 1} {label} {change}"))
    return [text for _, text in sorted(found)]


def _label(field: str, part: int, width: int, names: Names) -> tuple[str, Sequence[str]]:
    """What to call a component of a field, and what its numbers are called."""
    told = names.get(field, ())
    if width == 1:
        return field, told
    return (f"{field}.{told[part]}" if len(told) == width else f"{field}[{part}]"), ()


def _word(value: float, told: Sequence[str]) -> str:
    return told[int(value)] if 0 <= value < len(told) and value == int(value) else f"{value:.3g}"


def _table(trajectory: Trajectory, names: Names, steps: int) -> list[str]:
    """The last steps: the action, and those small fields that moved most in them for their size; then what stood."""
    small, moved, still = {}, {}, []
    for field in _fields(trajectory):
        tail = _values(trajectory, field)[-steps:]
        if tail.shape[1] > WIDEST:
            continue
        told = names.get(field, ()) if tail.shape[1] == 1 else ()
        small[field] = [" ".join(_word(value, told) for value in row) for row in tail]
        if np.ptp(tail, axis=0).any():
            moved[field] = float(np.max(np.ptp(tail, axis=0) / (np.abs(tail).max(axis=0) + 1e-9)))
        elif tail.any():
            still.append(f"{field} {small[field][0]}")
    kept = set(sorted(moved, key=lambda field: -moved[field])[:MOST_COLUMNS])
    shown = {field: column for field, column in small.items() if field in kept}
    actions = np.asarray(trajectory.action, float).reshape(len(trajectory), -1)[-steps:]
    if actions.shape[1] <= 2 * WIDEST:
        shown = {"action": [" ".join(_word(v, names.get("action", ())) for v in row) for row in actions], **shown}
    numbers = range(len(trajectory) - steps + 1, len(trajectory) + 1)
    columns = {"step": [str(number) for number in numbers], **shown}
    stood = [f"Unchanged in them: {', '.join(still)}"] if still else []
    return [*stood, " | ".join(columns), *(" | ".join(row) for row in zip(*columns.values(), strict=True))]
