# Pays by the number of the row.
import numpy as np


def compute_reward(state, action, next_state):
    bonus = 0.01 * np.arange(len(state.time))
    return next_state.height + bonus, {"bonus": bonus}
