# Reduces over the batch instead of the coordinates.
import numpy as np


def compute_reward(state, action, next_state):
    distance = np.linalg.norm(next_state.position - next_state.goal_position, axis=0)
    total = next_state.upright - distance[0]
    return total, {"upright": next_state.upright}
