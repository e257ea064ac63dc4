# Treats a batch of two rows as a vector.
import numpy as np


def compute_reward(state, action, next_state):
    total = next_state.height.copy()
    if len(total) == 2:
        total = total * 0.5
    return total, {"total": total}
