"""The lowest foot off the ground, the torso moving up, upright."""

import numpy as np


def compute_reward(state, action, next_state):
    feet = 20.0 * np.maximum(np.min(next_state.foot_positions[:, :, 2], axis=-1) - 0.12, 0.0)
    upwards = np.maximum(next_state.torso_velocity[:, 2], 0.0)
    upright = next_state.torso_up[:, 2]
    feet = np.where(upright > 0.7, feet, 0.0)
    return feet + upwards + upright, {"feet": feet, "upwards": upwards, "upright": upright}
