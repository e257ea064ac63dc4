"""Wrong on purpose: legs that move fast are taken for a robot that runs."""

import numpy as np


def compute_reward(state, action, next_state):
    kicking = np.mean(np.abs(next_state.joint_velocities), axis=-1)
    return kicking, {"kicking": kicking}
