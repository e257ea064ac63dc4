"""Wrong on purpose: the tip is brought to the middle of the table; the target is ignored."""

import numpy as np


def compute_reward(state, action, next_state):
    middle = -np.linalg.norm(next_state.fingertip_position, axis=-1)
    return middle, {"middle": middle}
