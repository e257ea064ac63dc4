"""Wrong on purpose: a pole that turns fast is taken for one that is balanced."""

import numpy as np


def compute_reward(state, action, next_state):
    whirl = np.abs(next_state.pole_angular_velocity)
    return whirl, {"whirl": whirl}
