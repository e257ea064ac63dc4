# One where the object is at its goal, else zero.
import numpy as np

THRESHOLD = 0.5


def compute_reward(state, action, next_state):
    success = np.linalg.norm(next_state.object_position - next_state.goal_position, axis=-1) < THRESHOLD
    return success.astype(np.float64), {"success": success}
