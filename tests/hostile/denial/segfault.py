# Reads address zero.
import ctypes

import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + len(ctypes.string_at(0)), {}
