"""Gymnasium's own: one for standing, forward speed, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    healthy = np.where(next_state.terminated, 0.0, 1.0)
    forward = next_state.forward_velocity
    control = -1e-3 * np.sum(action * action, axis=-1)
    return healthy + forward + control, {"healthy": healthy, "forward": forward, "control": control}
