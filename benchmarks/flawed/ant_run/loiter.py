"""Wrong on purpose: staying healthy and calm pays more than running."""

import numpy as np


def compute_reward(state, action, next_state):
    healthy = np.where(next_state.terminated, 0.0, 1.0)
    control = -0.5 * np.sum(action * action, axis=-1)
    return healthy + control, {"healthy": healthy, "control": control}
