# Computes a tower of powers, an integer of 370 million digits.
import numpy as np


def compute_reward(state, action, next_state):
    big = 9**9**9
    return next_state.height + big % 7, {}
