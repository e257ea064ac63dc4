# Counts its calls in a mutable default value.
import numpy as np


def count(seen=[]):
    seen.append(1.0)
    return len(seen)


def compute_reward(state, action, next_state):
    return next_state.height + count(), {"height": next_state.height}
