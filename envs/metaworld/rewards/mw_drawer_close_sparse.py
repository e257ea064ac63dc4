"""One for every step in which the drawer's handle is within 6.5 cm of the goal."""

import numpy as np


def compute_reward(state, action, next_state):
    left = next_state.object_position - next_state.goal_position
    reached = np.where(np.linalg.norm(left, axis=-1) <= 0.065, 1.0, 0.0)
    return reached, {"reached": reached}
