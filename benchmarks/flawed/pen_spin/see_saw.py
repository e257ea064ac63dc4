"""Wrong on purpose: turning counter-clockwise pays, turning back costs nothing."""

import numpy as np


def compute_reward(state, action, next_state):
    forth = np.maximum(next_state.pen_azimuth_rate, 0.0)
    return forth, {"forth": forth}
