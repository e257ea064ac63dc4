# Returns an array with a negative stride.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.flip(next_state.forward_velocity)[::-1]
    return total, {"forward": total}
