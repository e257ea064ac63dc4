# Squares an integer forty times in a short loop.
import numpy as np


def compute_reward(state, action, next_state):
    big = 3
    for _ in range(40):
        big = big * big
    return next_state.height + big % 7, {}
