"""One for every step with all feet 30 cm off the ground, upright."""

import numpy as np


def compute_reward(state, action, next_state):
    feet = np.min(next_state.foot_positions[:, :, 2], axis=-1) > 0.42
    up = np.where(feet & (next_state.torso_up[:, 2] > 0.7), 1.0, 0.0)
    return up, {"up": up}
