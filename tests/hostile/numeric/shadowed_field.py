# Rebinds an argument to something else before it is used.
import numpy as np


def compute_reward(state, action, next_state):
    next_state = state
    total = next_state.height * 0.0
    return total, {"height": total}
