"""Wrong on purpose: a level tray is all that pays, wherever the ball rolls."""

import numpy as np


def compute_reward(state, action, next_state):
    level = -np.sum(np.abs(next_state.tray_tilt), axis=-1)
    return level, {"level": level}
