"""One for the first wood pickaxe."""

import numpy as np

MAKE_WOOD_PICKAXE = 15


def compute_reward(state, action, next_state):
    before, after = (np.minimum(s.achievements[:, MAKE_WOOD_PICKAXE], 1.0) for s in (state, next_state))
    return after - before, {"made": after - before}
