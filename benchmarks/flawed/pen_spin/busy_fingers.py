"""Wrong on purpose: fingers that move fast are taken for a pen that spins."""

import numpy as np


def compute_reward(state, action, next_state):
    busy = np.mean(np.abs(next_state.hand_joint_velocities), axis=-1)
    return busy, {"busy": busy}
