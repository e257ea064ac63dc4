# Counts its calls in an array of the module, through a view that reshape makes.
import numpy as np

COUNT = np.zeros((1, 1))


def compute_reward(state, action, next_state):
    count = COUNT.reshape(-1)
    count += 1.0
    return next_state.height + COUNT[0, 0], {"height": next_state.height}
