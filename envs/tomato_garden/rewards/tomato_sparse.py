"""One for every step in which at least eight of nine tomatoes are watered."""

import numpy as np


def compute_reward(state, action, next_state):
    most = np.where(np.sum(next_state.watered, axis=-1) >= 8, 1.0, 0.0)
    return most, {"most": most}
