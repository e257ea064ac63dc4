# Computes in small integers that wrap around.
import numpy as np


def compute_reward(state, action, next_state):
    steps = (next_state.position * 1e3).astype(np.int8)
    total = np.sum(steps, axis=-1)
    return total, {"steps": total}
