"""After IsaacGymEnvs' Anymal: closeness to the commanded velocities, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    error = np.sum((next_state.planar_velocity - next_state.command[:, :2]) ** 2, axis=-1)
    turning = (next_state.yaw_rate - next_state.command[:, 2]) ** 2
    linear, yaw = np.exp(-error / 0.25), 0.5 * np.exp(-turning / 0.25)
    control = -0.02 * np.sum(action * action, axis=-1)
    return linear + yaw + control, {"linear": linear, "yaw": yaw, "control": control}
