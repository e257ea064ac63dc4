# Multiplies the batch with its own transpose.
import numpy as np


def compute_reward(state, action, next_state):
    alike = next_state.position @ next_state.position.T
    total = alike.sum(axis=1)
    return total, {"alike": total}
