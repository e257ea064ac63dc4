# Writes the state that the simulator will go on with.
import numpy as np


def compute_reward(state, action, next_state):
    next_state.position[:] = 0.0
    return next_state.height, {}
