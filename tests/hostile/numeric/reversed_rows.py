# Pairs every row with another by flipping the batch.
import numpy as np


def compute_reward(state, action, next_state):
    gap = next_state.height - next_state.height[::-1]
    return gap, {"gap": gap}
