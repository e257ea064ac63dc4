# Sums along the batch as if its rows were a history.
import numpy as np


def compute_reward(state, action, next_state):
    progress = np.cumsum(next_state.forward_velocity)
    return progress, {"progress": progress}
