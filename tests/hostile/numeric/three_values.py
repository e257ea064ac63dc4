# Returns a third value without declaring a memory.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height, {"height": next_state.height}, next_state.height
