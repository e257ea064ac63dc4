"""One when the word is complete, minus one when it is spoilt after that."""

import numpy as np


def compute_reward(state, action, next_state):
    done = [(s.a_visits == 2) & (s.b_visits == 1) & (s.b_was_early == 0) for s in (state, next_state)]
    complete = np.where(done[1] & ~done[0], 1.0, 0.0) - np.where(done[0] & ~done[1], 1.0, 0.0)
    return complete, {"complete": complete}
