"""Gymnasium's own: forward speed, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    forward = next_state.forward_velocity
    control = -0.1 * np.sum(action * action, axis=-1)
    return forward + control, {"forward": forward, "control": control}
