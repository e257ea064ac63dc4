# Counts its calls in a dict of the module by its update method.
import numpy as np

SEEN = {"calls": 0.0}


def compute_reward(state, action, next_state):
    SEEN.update(calls=SEEN["calls"] + 1.0)
    return next_state.height + SEEN["calls"], {"height": next_state.height}
