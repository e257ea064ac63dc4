"""Wrong on purpose: every step costs, so the shortest episode is the cheapest."""

import numpy as np


def compute_reward(state, action, next_state):
    slow = -np.abs(next_state.forward_velocity - 5.0)
    effort = -0.1 * np.sum(action * action, axis=-1)
    return slow + effort, {"slow": slow, "effort": effort}
