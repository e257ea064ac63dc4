"""The foot off the ground and high, no fall, little way from the spot."""

import numpy as np


def compute_reward(state, action, next_state):
    foot = next_state.foot_position[:, 2]
    high = 10.0 * np.maximum(foot - 0.1, 0.0)
    healthy = np.where(next_state.terminated, 0.0, 0.5)
    stay = -0.2 * np.abs(next_state.torso_position[:, 0])
    return high + healthy + stay, {"high": high, "healthy": healthy, "stay": stay}
