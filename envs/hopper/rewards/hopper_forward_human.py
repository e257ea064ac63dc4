"""Forward speed, something for staying up, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    forward = next_state.forward_velocity
    upright = 0.5 * np.clip(next_state.torso_position[:, 2] - 0.4, 0.0, 0.8)
    control = -1e-3 * np.sum(action * action, axis=-1)
    return forward + upright + control, {"forward": forward, "upright": upright, "control": control}
