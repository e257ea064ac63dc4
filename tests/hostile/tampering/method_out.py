# Has an array's method write into an input.
import numpy as np


def compute_reward(state, action, next_state):
    total = next_state.position.sum(-1, None, next_state.height)
    return total, {"total": total}
