# Adds noise from NumPy's generator.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + np.random.standard_normal(len(state.time)), {"height": next_state.height}
