# Loops for ever without a while: iter with a sentinel that never comes.
import numpy as np


def compute_reward(state, action, next_state):
    for _ in iter(int, 1):
        pass
    return next_state.height, {}
