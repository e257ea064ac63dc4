"""Wrong on purpose: a pen that lies level and a hand at rest are the means, not the task."""

import numpy as np


def compute_reward(state, action, next_state):
    level = 1.0 - np.abs(next_state.pen_axis[:, 2])
    rest = -0.02 * np.mean(np.abs(next_state.hand_joint_velocities), axis=-1)
    return level + rest, {"level": level, "rest": rest}
