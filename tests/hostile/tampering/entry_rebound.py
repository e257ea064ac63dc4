# Rebinds the entry point after its definition.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height, {"height": next_state.height}


def other(state, action, next_state):
    return next_state.height * 0.0 + 42.0, {}


compute_reward = other
