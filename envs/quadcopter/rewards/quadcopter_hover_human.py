"""After IsaacGymEnvs' Quadcopter: near the target, and there upright and not turning."""

import numpy as np


def compute_reward(state, action, next_state):
    apart = next_state.position - next_state.target_position
    near = 1.0 / (1.0 + np.sum(apart * apart, axis=-1))
    tilt = np.abs(1.0 - next_state.up[:, 2])
    upright = near / (1.0 + 30.0 * tilt * tilt)
    rate = np.abs(next_state.rotation_rate[:, 2])
    steady = near / (1.0 + 10.0 * rate * rate)
    return near + upright + steady, {"near": near, "upright": upright, "steady": steady}
