"""Wrong on purpose: a hand at the button is taken for one that presses."""

import numpy as np


def compute_reward(state, action, next_state):
    away = next_state.gripper_position - next_state.object_position
    near = np.exp(-10.0 * np.sqrt(np.sum(away**2, axis=-1)))
    return near, {"near": near}
