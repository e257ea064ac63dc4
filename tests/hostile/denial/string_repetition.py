# Makes a component's name of a gigabyte.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height, {"x" * 3_000_000_000: next_state.height}
