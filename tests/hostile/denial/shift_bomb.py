# Shifts one far to the left: an integer of gigabytes.
import numpy as np


def compute_reward(state, action, next_state):
    big = 1 << (1 << 36)
    return next_state.height + big % 7, {}
