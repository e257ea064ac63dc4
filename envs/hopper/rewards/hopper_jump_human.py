"""The foot off the ground and high, a heavy cost of falling, little way from the spot."""

import numpy as np


def compute_reward(state, action, next_state):
    high = 10.0 * np.maximum(next_state.foot_position[:, 2] - 0.05, 0.0)
    fall = np.where(next_state.terminated, -5.0, 0.0)
    stay = -0.2 * np.abs(next_state.torso_position[:, 0])
    return high + fall + stay, {"high": high, "fall": fall, "stay": stay}
