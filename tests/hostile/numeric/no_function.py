# Defines everything but the entry point.
import numpy as np


def reward(state, action, next_state):
    return next_state.height, {}
