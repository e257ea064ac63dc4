"""Five for every diamond, steps towards the nearest in view, a little for new ground, minus five for death."""

import numpy as np

COLLECT_DIAMOND = 1
DIAMOND, NEARER, DEATH, FURTHER = 5.0, 0.2, -5.0, 0.1
MIDDLE = 16


def from_start(state):
    return np.minimum(np.max(np.abs(state.position - MIDDLE), axis=-1), 8)


def compute_reward(state, action, next_state):
    found = next_state.achievements[:, COLLECT_DIAMOND] - state.achievements[:, COLLECT_DIAMOND]
    diamond = DIAMOND * found
    step = np.clip(state.diamond_distance - next_state.diamond_distance, -1.0, 1.0)
    nearer = NEARER * np.where(found > 0, 0.0, step)
    further = FURTHER * (from_start(next_state) - from_start(state))
    death = DEATH * np.where(next_state.terminated, 1.0, 0.0)
    total = diamond + nearer + further + death
    return total, {"diamond": diamond, "nearer": nearer, "further": further, "death": death}
