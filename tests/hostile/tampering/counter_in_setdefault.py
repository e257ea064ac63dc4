# Keeps the first batch it saw with setdefault.
import numpy as np

FIRST = {}


def compute_reward(state, action, next_state):
    first = FIRST.setdefault("seen", float(np.mean(next_state.height)))
    return next_state.height - first, {"height": next_state.height}
