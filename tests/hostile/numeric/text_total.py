# Returns numbers as text.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height.astype(str), {}
