# Counts its calls in a list of the module that is handed to a helper.
import numpy as np

CALLS = []


def count(where):
    where.append(1.0)
    return len(where)


def compute_reward(state, action, next_state):
    return next_state.height + count(CALLS), {"height": next_state.height}
