# Takes the arc cosine of a product that leaves [-1, 1].
import numpy as np


def compute_reward(state, action, next_state):
    cosine = np.sum(next_state.orientation * state.orientation, axis=-1)
    angle = 2.0 * np.arccos(np.abs(cosine))
    return -angle, {"angle": -angle}
