"""Wrong on purpose: steps ahead pay, steps back cost nothing, so rocking to and fro pays."""

import numpy as np


def compute_reward(state, action, next_state):
    ahead = np.maximum(next_state.torso_position[:, 0] - state.torso_position[:, 0], 0.0)
    return ahead, {"ahead": ahead}
