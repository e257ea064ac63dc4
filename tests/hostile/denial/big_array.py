# Asks for an array of a hundred thousand million numbers.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + np.ones(100_000_000_000)[0], {}
