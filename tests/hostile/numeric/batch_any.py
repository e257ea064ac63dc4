# Punishes every row when any has fallen.
import numpy as np


def compute_reward(state, action, next_state):
    fell = np.any(next_state.height < -4.0)
    total = next_state.upright - 10.0 * fell
    return total, {"upright": next_state.upright}
