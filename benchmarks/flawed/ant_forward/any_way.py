"""Wrong on purpose: speed counts, whichever way."""

import numpy as np


def compute_reward(state, action, next_state):
    speed = np.sqrt(np.sum(next_state.torso_velocity[:, :2] ** 2, axis=-1))
    upright = 0.5 * next_state.torso_up[:, 2]
    return speed + upright, {"speed": speed, "upright": upright}
