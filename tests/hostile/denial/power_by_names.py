# Computes a huge power whose numbers hide in variables.
import numpy as np

BASE = 10
EXPONENT = 50_000_000


def compute_reward(state, action, next_state):
    big = pow(BASE, EXPONENT)
    return next_state.height + big % 7, {}
