# Asks for too large an array by a product of small numbers.
import numpy as np


def compute_reward(state, action, next_state):
    field = np.zeros((100_000, 100_000))
    return next_state.height + field[0, 0], {}
