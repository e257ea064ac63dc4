"""Wrong on purpose: speed counts, whichever way."""

import numpy as np


def compute_reward(state, action, next_state):
    speed = np.abs(next_state.forward_velocity)
    return speed, {"speed": speed}
