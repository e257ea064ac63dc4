"""Wrong on purpose: staying up is all that pays."""

import numpy as np


def compute_reward(state, action, next_state):
    healthy = np.where(next_state.terminated, 0.0, 1.0)
    return healthy, {"healthy": healthy}
