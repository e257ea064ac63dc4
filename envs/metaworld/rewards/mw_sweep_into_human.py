"""Meta-World's own (v3 tasks, reward `v2`): the puck between the fingers, and in the hole."""

import numpy as np
from reward_math import distance


def compute_reward(state, action, next_state):
    puck, goal, began = next_state.object_position, next_state.goal_position, next_state.initial_object_position
    target = np.stack([goal[:, 0], goal[:, 1], puck[:, 2]], axis=-1)
    left = distance(puck, target)
    in_place = _within(left, 0.0, 0.05, distance(began, target))

    to_left = next_state.left_pad_position[:, 1] - puck[:, 1]
    to_right = puck[:, 1] - next_state.right_pad_position[:, 1]
    left_margin, right_margin = np.abs(np.abs(to_left) - 0.05), np.abs(np.abs(to_right) - 0.05)
    caged = _both(_within(to_right, 0.02, 0.05, right_margin), _within(to_left, 0.02, 0.05, left_margin))
    gripped = _both(_within(to_right, 0.02, 0.025, right_margin), _within(to_left, 0.02, 0.025, left_margin))

    far = distance(began[:, ::2], next_state.initial_gripper_position[:, ::2]) - 0.01
    away = distance(puck[:, ::2], next_state.gripper_position[:, ::2])
    caging = _both(caged, _within(away, 0.0, 0.01, far))
    grasp = (caging + np.where(caging > 0.95, gripped, 0.0)) / 2.0

    reach, sweep = 2.0 * grasp, 6.0 * _both(grasp, in_place)
    return np.where(left < 0.05, 10.0, reach + sweep), {"reach": reach, "sweep": sweep}


def _within(x, low, high, margin):
    """1 between `low` and `high`, a tenth at `margin` outside, with a long tail."""
    outside = np.maximum(np.maximum(low - x, x - high), 0.0)
    return 1.0 / (1.0 + 9.0 * (outside / np.maximum(margin, 1e-9)) ** 2)


def _both(a, b):
    """Hamacher product: as small as the smaller, 1 where both are."""
    return a * b / np.maximum(a + b - a * b, 1e-12)
