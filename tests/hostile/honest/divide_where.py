# A guarded division by np.divide with where and a maximum.
import numpy as np


def compute_reward(state, action, next_state):
    speed = np.linalg.norm(next_state.velocity, axis=-1, keepdims=True)
    unit = np.divide(next_state.velocity, np.maximum(speed, 1e-9))
    to_goal = next_state.goal_position - next_state.position
    aligned = np.einsum("ij,ij->i", unit, to_goal / (np.linalg.norm(to_goal, axis=-1, keepdims=True) + 1e-9))
    return aligned, {"aligned": aligned}
