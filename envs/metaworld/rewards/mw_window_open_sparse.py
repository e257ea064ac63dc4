"""One for every step in which the window's handle is within 5 cm of the goal along x."""

import numpy as np


def compute_reward(state, action, next_state):
    left = next_state.object_position - next_state.goal_position
    reached = np.where(np.abs(left[:, 0]) <= 0.05, 1.0, 0.0)
    return reached, {"reached": reached}
