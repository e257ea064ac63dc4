"""Wrong on purpose: a block that turns fast is taken for one that is turned to the target."""

import numpy as np


def compute_reward(state, action, next_state):
    spin = np.abs(next_state.block_angular_velocity[:, 2])
    return spin, {"spin": spin}
