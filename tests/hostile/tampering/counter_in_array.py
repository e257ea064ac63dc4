# Counts its calls in an array of the module, added to in place.
import numpy as np

COUNT = np.zeros(1)


def compute_reward(state, action, next_state):
    count = COUNT
    count += 1.0
    return next_state.height + count[0], {"height": next_state.height}
