# Returns complex numbers.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.array(next_state.height, dtype=complex) + 1.0
    return total, {"height": next_state.height}
