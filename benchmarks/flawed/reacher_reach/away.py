"""Wrong on purpose: the sign of the distance is the other way round."""

import numpy as np


def compute_reward(state, action, next_state):
    apart = np.linalg.norm(next_state.fingertip_position - next_state.target_position, axis=-1)
    return apart, {"apart": apart}
