# Writes the inputs by their address.
import ctypes

import numpy as np


def compute_reward(state, action, next_state):
    ctypes.memset(next_state.height.ctypes.data, 0, 64)
    return next_state.height, {}
