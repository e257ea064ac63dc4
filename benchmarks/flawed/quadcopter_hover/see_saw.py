"""Wrong on purpose: steps nearer to the target pay, steps away cost nothing, so swinging to and fro pays."""

import numpy as np


def compute_reward(state, action, next_state):
    before = np.sqrt(np.sum((state.position - state.target_position) ** 2, axis=-1))
    after = np.sqrt(np.sum((next_state.position - next_state.target_position) ** 2, axis=-1))
    nearer = np.maximum(before - after, 0.0)
    return nearer, {"nearer": nearer}
