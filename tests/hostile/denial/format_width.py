# Asks an f-string for a field two thousand million letters wide.
import numpy as np


def compute_reward(state, action, next_state):
    text = f"{1.0:2000000000.3f}"
    return next_state.height + len(text), {}
