# Counts to ten thousand million in a for loop.
import numpy as np


def compute_reward(state, action, next_state):
    total = 0.0
    for k in range(10_000_000_000):
        total = total + k
    return next_state.height + total, {}
