"""Low, belly down, slow."""

import numpy as np


def compute_reward(state, action, next_state):
    low = -5.0 * np.maximum(next_state.torso_position[:, 2] - 0.38, 0.0)
    belly = np.minimum(next_state.torso_up[:, 2], 0.8)
    slow = -np.sqrt(np.sum(next_state.torso_velocity**2, axis=-1))
    return low + belly + slow, {"low": low, "belly": belly, "slow": slow}
