# Repeats a list that stands in a name.
import numpy as np


def compute_reward(state, action, next_state):
    one = [0.0]
    many = one * 1_000_000_000
    return next_state.height + many[0], {}
