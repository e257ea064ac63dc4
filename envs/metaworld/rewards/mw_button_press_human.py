"""Meta-World's own (v3 tasks, reward `v2`): an open gripper at the button, and there the button pressed."""

import numpy as np
from reward_math import distance

TRAVEL = 0.1


def compute_reward(state, action, next_state):
    button, gripper = next_state.object_position, next_state.gripper_position
    away = distance(button, gripper)
    near = _near(away, 0.05, distance(button, next_state.initial_gripper_position))
    reach = 2.0 * _both(next_state.gripper_opening, near)
    left = np.abs(button[:, 1] - next_state.goal_position[:, 1])
    pressed = np.where(away <= 0.05, 8.0 * _near(left, 0.005, TRAVEL), 0.0)
    return reach + pressed, {"reach": reach, "pressed": pressed}


def _near(x, reach, margin):
    """1 within `reach`, a tenth at `margin` beyond it, with a long tail."""
    return 1.0 / (1.0 + 9.0 * (np.maximum(x - reach, 0.0) / margin) ** 2)


def _both(a, b):
    """Hamacher product: as small as the smaller, 1 where both are."""
    return a * b / np.maximum(a + b - a * b, 1e-12)
