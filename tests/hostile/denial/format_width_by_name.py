# Asks an f-string for a width that stands in a variable.
import numpy as np

WIDTH = 3_000_000_000


def compute_reward(state, action, next_state):
    text = f"{1.0:{WIDTH}}"
    return next_state.height + len(text), {}
