# Repeats a list a thousand million times.
import numpy as np


def compute_reward(state, action, next_state):
    many = [0.0] * 1_000_000_000
    return next_state.height + many[0], {}
