# Normalises a vector that may be zero.
import numpy as np


def compute_reward(state, action, next_state):
    to_goal = next_state.goal_position - next_state.position
    unit = to_goal / np.linalg.norm(to_goal, axis=-1, keepdims=True)
    total = np.sum(unit * next_state.velocity, axis=-1)
    return total, {"towards": total}
