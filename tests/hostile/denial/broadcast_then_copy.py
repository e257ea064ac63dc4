# Spreads one number over a shape without memory, then adds to it and so asks for all of it.
import numpy as np


def compute_reward(state, action, next_state):
    wide = np.broadcast_to(next_state.height[:1], (1_000_000, 1_000)) + 1.0
    return next_state.height + wide[0, 0], {}
