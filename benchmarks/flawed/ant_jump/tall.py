"""Wrong on purpose: a torso held high is taken for a jump."""

import numpy as np


def compute_reward(state, action, next_state):
    tall = np.minimum(next_state.torso_position[:, 2], 0.7)
    upright = next_state.torso_up[:, 2]
    return tall + upright, {"tall": tall, "upright": upright}
