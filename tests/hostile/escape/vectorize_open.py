# Hands a forbidden builtin to np.vectorize, which calls it.
import numpy as np


def compute_reward(state, action, next_state):
    np.vectorize(open)(np.array(["/tmp/reward_was_here_vectorize"]), "w")
    return next_state.height, {}
