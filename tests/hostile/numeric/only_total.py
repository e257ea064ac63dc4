# Returns the total without components.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.forward_velocity
