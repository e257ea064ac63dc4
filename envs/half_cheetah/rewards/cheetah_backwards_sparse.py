"""One for every step faster than 1 m/s, backwards."""

import numpy as np


def compute_reward(state, action, next_state):
    fast = np.where(next_state.forward_velocity < -1.0, 1.0, 0.0)
    return fast, {"fast": fast}
