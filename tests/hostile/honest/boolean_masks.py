# Masks by & and |, counts by sums of booleans, np.logical functions.
import numpy as np


def compute_reward(state, action, next_state):
    low = (next_state.height < 0.2) | (next_state.upright < 0.1)
    fast = np.logical_and(next_state.forward_velocity > 1.0, ~low)
    either = np.logical_or(low, fast)
    total = 1.0 * fast - 2.0 * low + 0.1 * either
    return total, {"fast": fast.astype(float), "low": -2.0 * low}
