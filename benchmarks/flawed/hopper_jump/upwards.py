"""Wrong on purpose: any speed upwards pays and none downwards costs, so bobbing with the foot on the ground pays."""

import numpy as np


def compute_reward(state, action, next_state):
    upwards = np.maximum(next_state.vertical_velocity, 0.0)
    healthy = np.where(next_state.terminated, 0.0, 1.0)
    return upwards + healthy, {"upwards": upwards, "healthy": healthy}
