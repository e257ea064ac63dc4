# Loops for ever before there is any function to call.
import numpy as np

while True:
    pass


def compute_reward(state, action, next_state):
    return next_state.height, {}
