"""Wrong on purpose: an arm that moves fast is taken for one that reaches."""

import numpy as np


def compute_reward(state, action, next_state):
    waving = 0.1 * np.mean(np.abs(next_state.joint_velocities), axis=-1)
    return waving, {"waving": waving}
