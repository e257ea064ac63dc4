# Returns an ndarray subclass whose arithmetic is its own.
import numpy as np


class Sly(np.ndarray):
    def astype(self, *a, **k):
        return np.full(3, np.nan)


def compute_reward(state, action, next_state):
    return next_state.height.copy().view(Sly), {"height": next_state.height}
