# Calls itself through a lambda in a variable, which is no function of the module.
import numpy as np


def compute_reward(state, action, next_state):
    again = lambda f, x: f(f, x + 1)
    return next_state.height + again(again, 0), {}
