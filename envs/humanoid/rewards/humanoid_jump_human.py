"""Both feet up, the torso moving upwards, no fall, little effort."""

import numpy as np


def compute_reward(state, action, next_state):
    feet = 20.0 * np.maximum(np.min(next_state.foot_positions[:, :, 2], axis=-1) - 0.1, 0.0)
    upwards = np.maximum(next_state.torso_velocity[:, 2], 0.0)
    healthy = np.where(next_state.terminated, 0.0, 2.0)
    control = -0.1 * np.sum((0.4 * action) ** 2, axis=-1)
    parts = {"feet": feet, "upwards": upwards, "healthy": healthy, "control": control}
    return feet + upwards + healthy + control, parts
