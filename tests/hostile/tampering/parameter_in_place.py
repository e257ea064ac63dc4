# Subtracts in place from a parameter of a helper, which is an input.
import numpy as np


def lowered(values):
    values -= 1.0
    return values


def compute_reward(state, action, next_state):
    return lowered(next_state.height), {}
