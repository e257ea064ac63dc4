# Has np.clip write into an input through its fourth argument.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.clip(next_state.height, 0.0, 1.0, next_state.height)
    return total, {"total": total}
