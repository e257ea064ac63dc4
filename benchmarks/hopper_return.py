"""The return of Gymnasium's own Hopper reward over an episode."""

from __future__ import annotations

import numpy as np

HORIZON = 1000
PARAMS: dict[str, float] = {}


def fitness(trajectory) -> float:
    velocity = trajectory.next_state.forward_velocity
    healthy = 1.0 - trajectory.next_state.terminated
    return float(np.sum(velocity + healthy - 1e-3 * np.sum(trajectory.action**2, axis=-1)))
