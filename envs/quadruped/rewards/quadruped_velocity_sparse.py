"""One for every step in which all three velocities are within 0.3 of the command, without a fall."""

import numpy as np


def compute_reward(state, action, next_state):
    planar = np.max(np.abs(next_state.planar_velocity - next_state.command[:, :2]), axis=-1)
    turning = np.abs(next_state.yaw_rate - next_state.command[:, 2])
    follows = np.where((planar < 0.3) & (turning < 0.3) & ~next_state.terminated, 1.0, 0.0)
    return follows, {"follows": follows}
