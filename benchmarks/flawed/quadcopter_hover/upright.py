"""Wrong on purpose: upright and steady anywhere pays as much as at the target."""

import numpy as np


def compute_reward(state, action, next_state):
    upright = next_state.up[:, 2]
    steady = -0.1 * np.sqrt(np.sum(next_state.rotation_rate**2, axis=-1))
    return upright + steady, {"upright": upright, "steady": steady}
