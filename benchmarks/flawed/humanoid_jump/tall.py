"""Wrong on purpose: a torso held high is taken for a jump."""

import numpy as np


def compute_reward(state, action, next_state):
    tall = next_state.torso_position[:, 2]
    healthy = np.where(next_state.terminated, 0.0, 1.0)
    return tall + healthy, {"tall": tall, "healthy": healthy}
