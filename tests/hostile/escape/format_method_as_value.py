# Keeps a string's format method and calls it later, away from the text it belongs to.
import numpy as np


def compute_reward(state, action, next_state):
    write = "{0._fields}".format
    return next_state.height, {write(state)[:10]: next_state.height}
