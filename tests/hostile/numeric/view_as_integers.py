# Looks at the bits of floats as integers.
import numpy as np


def compute_reward(state, action, next_state):
    bits = next_state.height.view(np.int64)
    return bits % 97, {"height": next_state.height}
