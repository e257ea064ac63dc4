"""The front left foot moving up and down above the ground, the other three on it, the torso where it began."""

import numpy as np

FASTEST = 3.0


def compute_reward(state, action, next_state):
    foot, before = next_state.foot_positions[:, 0, 2], state.foot_positions[:, 0, 2]
    dt = np.maximum(next_state.time - state.time, 1e-3)
    swing = np.minimum(np.abs(foot - before) / dt, FASTEST) * np.where(foot > 0.1, 1.0, 0.3)
    lifted = np.maximum(next_state.foot_positions[:, 1:, 2] - 0.1, 0.0)
    stand = -5.0 * np.sum(lifted, axis=-1)
    stay = -np.sum(next_state.torso_position[:, :2] ** 2, axis=-1)
    return swing + stand + stay, {"swing": swing, "stand": stand, "stay": stay}
