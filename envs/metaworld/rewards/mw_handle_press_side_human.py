"""Meta-World's own (v3 tasks, reward `v2`): the gripper at the handle and the handle down, both at once."""

import numpy as np
from reward_math import distance


def compute_reward(state, action, next_state):
    handle, goal, began = next_state.object_position, next_state.goal_position, next_state.initial_object_position
    left = np.abs(handle[:, 2] - goal[:, 2])
    in_place = _near(left, 0.02, np.abs(np.abs(began[:, 2] - goal[:, 2]) - 0.02))
    far = distance(began, next_state.initial_gripper_position)
    reach = _near(distance(handle, next_state.gripper_position), 0.02, np.abs(far - 0.02))
    reward = np.where(left <= 0.02, 10.0, 10.0 * _both(reach, in_place))
    return reward, {"reach": reach, "in_place": in_place}


def _near(x, reach, margin):
    """1 within `reach`, a tenth at `margin` beyond it, with a long tail."""
    return 1.0 / (1.0 + 9.0 * (np.maximum(x - reach, 0.0) / margin) ** 2)


def _both(a, b):
    """Hamacher product: as small as the smaller, 1 where both are."""
    return a * b / np.maximum(a + b - a * b, 1e-12)
