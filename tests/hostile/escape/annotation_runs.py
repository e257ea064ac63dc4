# Runs a command while the function is being defined, in an annotation.
import numpy as np


def compute_reward(state, action: open("/tmp/reward_was_here_annotation", "w"), next_state):
    return next_state.height, {}
