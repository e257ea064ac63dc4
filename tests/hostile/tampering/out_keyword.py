# Has a ufunc write its result into an input.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.add(next_state.height, 1.0, out=next_state.height)
    return total, {"total": total}
