# Runs a command while the function is being defined, in a default value.
import numpy as np


def compute_reward(state, action, next_state, opened=open("/tmp/reward_was_here_default", "w")):
    return next_state.height, {}
