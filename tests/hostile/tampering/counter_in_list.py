# Counts its calls in a list of the module.
import numpy as np

CALLS = []


def compute_reward(state, action, next_state):
    CALLS.append(1.0)
    return next_state.height + len(CALLS), {"height": next_state.height}
