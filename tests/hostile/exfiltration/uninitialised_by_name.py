# Calls np.empty through a variable.
import numpy as np


def compute_reward(state, action, next_state):
    make = np.empty
    return next_state.height, {"old": np.nan_to_num(make(len(state.time)))}
