# Counts its calls in a list of the module that a local name stands for.
import numpy as np

CALLS = []


def compute_reward(state, action, next_state):
    mine = CALLS
    mine.append(1.0)
    return next_state.height + len(mine), {"height": next_state.height}
