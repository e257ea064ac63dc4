# Uses `and` between arrays, which NumPy cannot decide.
import numpy as np


def compute_reward(state, action, next_state):
    good = (next_state.height > 0) and (next_state.upright > 0)
    return np.where(good, 1.0, 0.0), {}
