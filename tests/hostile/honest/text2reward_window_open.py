# After Text2Reward's published window-open: three weights unpacked on one line, one weighted sum.
import numpy as np


def compute_reward(state, action, next_state):
    """Dense reward for opening a window."""
    handle_dist = np.linalg.norm(next_state.position - next_state.object_position, axis=-1)
    window_diff = np.linalg.norm(next_state.object_position - next_state.goal_position, axis=-1)
    action_reg = np.linalg.norm(action, axis=-1)
    w1, w2, w3 = 1.0, 1.0, 0.1
    reward = -w1*handle_dist - w2*window_diff - w3*action_reg
    return reward, {"handle": -w1*handle_dist, "window": -w2*window_diff, "action": -w3*action_reg}
