"""Meta-World's own (v3 tasks, reward `v2`): the hand at the handle, sideways above all, and the drawer open."""

import numpy as np
from reward_math import distance


def compute_reward(state, action, next_state):
    handle, goal = next_state.object_position, next_state.goal_position
    opening = 5.0 * _near(distance(handle, goal), 0.02, 0.2)
    scale = np.array([3.0, 3.0, 1.0])
    shut = goal + np.array([0.0, 0.2, 0.0])
    far = distance(shut * scale, next_state.initial_gripper_position * scale)
    caging = 5.0 * _near(distance(handle * scale, next_state.hand_position * scale), 0.01, far)
    return caging + opening, {"caging": caging, "opening": opening}


def _near(x, reach, margin):
    """1 within `reach`, a tenth at `margin` beyond it, with a long tail."""
    return 1.0 / (1.0 + 9.0 * (np.maximum(x - reach, 0.0) / margin) ** 2)
