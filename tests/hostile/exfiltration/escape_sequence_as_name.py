# Names a component with terminal escape sequences.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height, {"\x1b]0;owned\x07": next_state.height}
