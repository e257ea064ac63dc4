# Adds into an input with a ufunc's at.
import numpy as np


def compute_reward(state, action, next_state):
    np.add.at(next_state.height, [0], 1.0)
    return next_state.height, {"height": next_state.height}
