# Asks format() for a wide field.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + len(format(1, "3000000000")), {}
