# Returns a masked array, whose masked numbers are arbitrary.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.ma.masked_invalid(np.sqrt(next_state.height))
    return total, {"height": next_state.height}
