"""Wrong on purpose: every taking of the key pays, so it is dropped and taken up again."""

import numpy as np


def compute_reward(state, action, next_state):
    taken = np.maximum(next_state.has_key - state.has_key, 0.0)
    return taken, {"taken": taken}
