"""Wrong on purpose: a leg held up is taken for a leg that waves."""

import numpy as np


def compute_reward(state, action, next_state):
    up = np.minimum(next_state.foot_positions[:, 0, 2], 0.4)
    stand = -5.0 * np.sum(np.maximum(next_state.foot_positions[:, 1:, 2] - 0.1, 0.0), axis=-1)
    return up + stand, {"up": up, "stand": stand}
