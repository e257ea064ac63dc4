"""One for the fifth piece of wood."""

import numpy as np

COLLECT_WOOD = 6


def compute_reward(state, action, next_state):
    before, after = (np.where(s.achievements[:, COLLECT_WOOD] >= 5, 1.0, 0.0) for s in (state, next_state))
    return after - before, {"fifth": after - before}
