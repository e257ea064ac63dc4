"""What a policy did, in words: phases of the episode, events, causes of ending. Works on any State."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eureka_cli.core import Array, Trajectory

MOST_FIELDS = 10
PHASES = ("start", "middle", "end")


def summarise(trajectories: Sequence[Trajectory]) -> str:
    """A short text for people and models: how episodes ended, and how each telling quantity moved through them."""
    lines = [_endings(trajectories)]
    rows = sorted(_rows(trajectories), key=lambda row: -row[0])[:MOST_FIELDS]
    lines.append("Mean over the first, middle and last third of the episodes (largest value reached in brackets):")
    for _, name, phases, low, high in rows:
        values = ", ".join(f"{phase} {value:.3g}" for phase, value in zip(PHASES, phases, strict=True))
        lines.append(f"- {name}: {values} [{low:.3g} to {high:.3g}]")
    return "\n".join(lines)


def _endings(trajectories: Sequence[Trajectory]) -> str:
    lengths = np.array([len(trajectory) for trajectory in trajectories])
    ended = sum(trajectory.terminated for trajectory in trajectories)
    text = f"{len(trajectories)} episodes, {lengths.mean():.0f} of {trajectories[0].horizon} steps on average; "
    if not ended:
        return text + "none ended early."
    early = lengths[[trajectory.terminated for trajectory in trajectories]]
    return text + f"{ended} ended early by termination, after {np.median(early):.0f} steps in the median."


def _rows(trajectories: Sequence[Trajectory]) -> list[tuple[float, str, list[float], float, float]]:
    rows = []
    for field in trajectories[0].next_state._fields:
        if field in ("time", "terminated"):
            continue
        labels, series = _scalars(field, [np.asarray(getattr(item.next_state, field), float) for item in trajectories])
        for column, label in enumerate(labels):
            values = [item[:, column] for item in series]
            phases = [float(np.mean([_third(value, k) for value in values])) for k in range(3)]
            everything = np.concatenate(values)
            spread = float(everything.std())
            change = float(np.mean([abs(value[-1] - value[0]) for value in values]))
            telling = (change + spread) / (spread + abs(float(everything.mean())) + 1e-9)
            rows.append((telling, label, phases, float(everything.min()), float(everything.max())))
    return rows


def _scalars(field: str, series: list[Array]) -> tuple[list[str], list[Array]]:
    """Each (T, ...) as (T, k): small vectors by component, larger ones by their mean and largest magnitude."""
    flat = [values.reshape(len(values), -1) for values in series]
    columns = flat[0].shape[1]
    if columns == 1:
        return [field], flat
    if columns <= 3:
        return [f"{field}[{axis}]" for axis in "xyz"[:columns]], flat
    sizes = [np.abs(values) for values in flat]
    return (
        [f"mean |{field}|", f"largest |{field}|"],
        [np.stack([size.mean(axis=1), size.max(axis=1)], axis=1) for size in sizes],
    )


def _third(values: Array, k: int) -> float:
    part = np.array_split(values, 3)[k]
    return float(part.mean()) if len(part) else float(values.mean())
