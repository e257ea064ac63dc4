"""Meta-World's own (v3 tasks, reward `v2`): the door's handle at the goal, and the gripper there too."""

import numpy as np
from reward_math import distance


def compute_reward(state, action, next_state):
    handle, goal = next_state.object_position, next_state.goal_position
    left = distance(handle, goal)
    in_place = 6.0 * _close(left, 0.05, np.hypot(0.2, 0.2))
    margin = distance(np.array([-0.5, 0.6, 0.2]), handle) + 0.1
    hand = 3.0 * _close(distance(next_state.gripper_position, goal), 0.0125, margin)
    return np.where(left < 0.05, 10.0, hand + in_place), {"hand": hand, "in_place": in_place}


def _close(x, reach, margin):
    """1 within `reach`, a tenth at `margin` beyond it, as a Gaussian."""
    return np.exp(np.log(0.1) * (np.maximum(x - reach, 0.0) / margin) ** 2)
