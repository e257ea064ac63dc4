"""One for every step on the far side."""

import numpy as np


def compute_reward(state, action, next_state):
    there = np.where((next_state.position[:, 0] >= 26) & ~next_state.terminated, 1.0, 0.0)
    return there, {"there": there}
