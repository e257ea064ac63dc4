# Computes with Python objects, which no one checks.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.array([float(value) for value in next_state.height], dtype=object)
    return total, {"height": next_state.height}
