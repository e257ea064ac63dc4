# Copies zeros into an input.
import numpy as np


def compute_reward(state, action, next_state):
    np.copyto(next_state.height, 0.0)
    return next_state.height, {}
