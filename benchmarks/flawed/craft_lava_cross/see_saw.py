"""Wrong on purpose: steps to the right pay, steps back cost nothing, so going to and fro pays without end."""

import numpy as np


def compute_reward(state, action, next_state):
    ahead = np.maximum(next_state.position[:, 0] - state.position[:, 0], 0.0)
    return ahead, {"ahead": ahead}
