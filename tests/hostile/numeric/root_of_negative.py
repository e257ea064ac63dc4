# Takes the root of a height, which may be below zero.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.sqrt(next_state.height)
    return total, {"height": total}
