"""Turn backward quickly, above all while the foot is off the ground; do not fall."""

import numpy as np

FALL = 10.0


def compute_reward(state, action, next_state):
    spin = np.clip(-next_state.pitch_rate, -10.0, 10.0)
    high = np.clip(next_state.torso_position[:, 2] - 0.5, 0.0, 1.5)
    fall = np.where(next_state.terminated, -FALL, 0.0)
    return spin + high + fall, {"spin": spin, "high": high, "fall": fall}
