"""Wrong on purpose: every step costs and falling does not, so falling at once is best."""

import numpy as np


def compute_reward(state, action, next_state):
    lean = -1.0 - np.abs(next_state.pole_angle)
    return lean, {"lean": lean}
