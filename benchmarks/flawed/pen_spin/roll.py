"""Wrong on purpose: rolling about the pen's own axis counts as spin."""

import numpy as np


def compute_reward(state, action, next_state):
    roll = np.sum(next_state.pen_angular_velocity * next_state.pen_axis, axis=-1)
    return roll, {"roll": roll}
