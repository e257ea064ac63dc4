"""Wrong on purpose: keeping still pays, lying or standing."""

import numpy as np


def compute_reward(state, action, next_state):
    slow = -np.sqrt(np.sum(next_state.torso_velocity**2, axis=-1))
    belly = next_state.torso_up[:, 2]
    return slow + belly, {"slow": slow, "belly": belly}
