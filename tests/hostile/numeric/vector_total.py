# Forgets to reduce over coordinates.
import numpy as np


def compute_reward(state, action, next_state):
    return -np.abs(next_state.position - next_state.goal_position), {}
