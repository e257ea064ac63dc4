# Counts its calls in a list inside a list of the module, of which it changes a shallow copy.
import numpy as np

SEEN = [[0.0]]


def compute_reward(state, action, next_state):
    mine = list(SEEN)
    mine[0] += [1.0]
    return next_state.height + len(SEEN[0]), {"height": next_state.height}
