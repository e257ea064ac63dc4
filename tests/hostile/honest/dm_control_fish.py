# After dm_control's fish: a weighted mean of two tolerances; module constants computed from math.
import math

import numpy as np
from reward_math import tolerance

RADII = 0.04 + 0.03
QUARTER = math.pi / 2
SCALE = math.sqrt(2) / (1 + math.exp(-1))


def compute_reward(state, action, next_state):
    in_target = tolerance(np.linalg.norm(next_state.position - next_state.goal_position, axis=-1), (0, RADII), 2 * RADII)
    is_upright = 0.5 * (next_state.upright + 1)
    turned = np.cos(QUARTER - next_state.joint_angles[:, 0]) * 0.01 * SCALE
    return (7 * in_target + is_upright) / 8 + turned, {"target": in_target, "upright": is_upright, "turned": turned}
