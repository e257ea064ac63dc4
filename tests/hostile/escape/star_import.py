# Imports everything NumPy has, save and load included.
from numpy import *


def compute_reward(state, action, next_state):
    save("/tmp/reward_was_here_star", state.time)
    return next_state.height, {}
