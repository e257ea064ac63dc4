"""Cross the lava: fitness is how far the player got, if it lives."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "reach the far side of the cave, on the right, without touching lava"
HORIZON = 100
PARAMS = {"start": "lava"}
CHOICES = {"start": ("meadow", "cave", "lava")}
BUDGET = 200_000
TIER = "quick"
SUITES = ("mcreward",)

FAR = 26
"""x from which on there is no lava."""


def fitness(trajectory) -> float:
    """Share of the way to the far side at the end, in [0, 1]; 0 for the dead."""
    start, end = trajectory.state.position[0, 0], trajectory.next_state.position[-1, 0]
    if trajectory.terminated:
        return 0.0
    return 1.0 if end >= FAR else float(np.clip((end - start) / max(FAR - start, 1), 0.0, 1.0))


def success(trajectory) -> bool:
    """On the far side at the end, alive."""
    return fitness(trajectory) == 1.0


def measures(trajectory) -> dict[str, float]:
    """`lava_deaths`: share of episodes that end in lava."""
    return {"lava_deaths": float(trajectory.next_state.lava_death[-1])}
