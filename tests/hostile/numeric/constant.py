# Pays the same for everything.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.ones(len(state.time))
    return total, {"alive": total}
