# Makes an array that grows with the square of the batch.
import numpy as np


def compute_reward(state, action, next_state):
    n = len(state.time)
    pairs = np.ones((n, n, 4096))
    return next_state.height + pairs[0, 0, 0], {}
