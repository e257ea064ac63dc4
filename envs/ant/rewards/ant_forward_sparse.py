"""One for every step three metres ahead of the origin, near which the robot begins."""

import numpy as np


def compute_reward(state, action, next_state):
    ahead = np.where((next_state.torso_position[:, 0] >= 3.0) & ~next_state.terminated, 1.0, 0.0)
    return ahead, {"ahead": ahead}
