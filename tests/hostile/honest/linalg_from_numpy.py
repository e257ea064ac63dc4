# `from numpy import linalg as LA` and single functions from numpy.
from numpy import clip, exp, linalg as LA, newaxis, pi, where


def compute_reward(state, action, next_state):
    gap = LA.norm(next_state.fingertip_positions - next_state.object_position[:, newaxis], axis=-1)
    closeness = exp(-clip(gap, 0.0, 5.0)).mean(axis=-1)
    angle = where(next_state.joint_angles[:, 0] > pi / 4, -0.5, 0.0)
    return closeness + angle, {"closeness": closeness, "angle": angle}
