"""Wrong on purpose: speed of the moment is all that counts, so a fast dive is best."""

import numpy as np


def compute_reward(state, action, next_state):
    dive = np.square(np.maximum(next_state.forward_velocity, 0.0)) - 1.0
    return dive, {"dive": dive}
