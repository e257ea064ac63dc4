"""Wrong on purpose: going up pays, coming down costs nothing, so bouncing on the spot pays."""

import numpy as np


def compute_reward(state, action, next_state):
    up = np.maximum(next_state.vertical_velocity, 0.0)
    return up, {"up": up}
