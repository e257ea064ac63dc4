"""One for every step in which the handle is within 2 cm of the goal along z."""

import numpy as np


def compute_reward(state, action, next_state):
    left = next_state.object_position - next_state.goal_position
    reached = np.where(np.abs(left[:, 2]) <= 0.02, 1.0, 0.0)
    return reached, {"reached": reached}
