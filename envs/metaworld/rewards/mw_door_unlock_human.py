"""Meta-World's own (v3 tasks, reward `v2`): the hand's shoulder beside the lock, and the lock turned."""

import numpy as np
from reward_math import distance


def compute_reward(state, action, next_state):
    goal = next_state.goal_position
    shoulder, scale = np.array([0.0, 0.055, 0.07]), np.array([0.25, 1.0, 0.5])
    hinge = goal - np.array([0.1, -0.04, 0.0])
    far = distance((next_state.initial_gripper_position + shoulder) * scale, hinge * scale)
    away = distance((next_state.hand_position + shoulder) * scale, next_state.object_position * scale)
    ready = 2.0 * _near(away, 0.02, far)
    turned = 8.0 * _near(np.abs(goal[:, 0] - next_state.object_position[:, 0]), 0.005, 0.1)
    return ready + turned, {"ready": ready, "turned": turned}


def _near(x, reach, margin):
    """1 within `reach`, a tenth at `margin` beyond it, with a long tail."""
    return 1.0 / (1.0 + 9.0 * (np.maximum(x - reach, 0.0) / margin) ** 2)
