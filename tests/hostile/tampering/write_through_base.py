# Writes the inputs through the buffer they are a view of.
import numpy as np


def compute_reward(state, action, next_state):
    whole = next_state.height
    while whole.base is not None and isinstance(whole.base, np.ndarray):
        whole = whole.base
    whole[:] = 0.0
    return next_state.height, {}
