# Turns the sign of every second row.
import numpy as np


def compute_reward(state, action, next_state):
    sign = np.where(np.arange(len(state.time)) % 2 == 0, 1.0, -1.0)
    return sign * next_state.height, {"height": next_state.height}
