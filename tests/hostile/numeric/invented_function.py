# Uses a NumPy function that does not exist.
import numpy as np


def compute_reward(state, action, next_state):
    return np.norm(next_state.position, axis=-1), {}
