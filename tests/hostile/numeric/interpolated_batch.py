# Interpolates over the batch's own sorted values.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.interp(next_state.height, np.sort(next_state.height), np.linspace(0.0, 1.0, len(state.time)))
    return total, {"share": total}
