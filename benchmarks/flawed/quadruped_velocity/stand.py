"""Wrong on purpose: keeping still pays, whatever the command."""

import numpy as np


def compute_reward(state, action, next_state):
    slow = -np.sqrt(np.sum(next_state.torso_velocity**2, axis=-1))
    upright = next_state.torso_up[:, 2]
    return slow + upright, {"slow": slow, "upright": upright}
