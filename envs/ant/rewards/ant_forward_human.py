"""Forward speed, something for staying upright, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    forward = next_state.torso_velocity[:, 0]
    upright = 0.5 * next_state.torso_up[:, 2]
    control = -0.1 * np.sum(action * action, axis=-1)
    return forward + upright + control, {"forward": forward, "upright": upright, "control": control}
