# Sorts an input in place.
import numpy as np


def compute_reward(state, action, next_state):
    next_state.joint_angles.sort()
    return next_state.height, {}
