"""Wrong on purpose: the sign of the spin is the other way round."""

import numpy as np


def compute_reward(state, action, next_state):
    spin = -next_state.pen_azimuth_rate
    drop = np.where(next_state.terminated, -20.0, 0.0)
    return spin + drop, {"spin": spin, "drop": drop}
