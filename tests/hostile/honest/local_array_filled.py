# Makes an array of its own and fills columns of it in place.
import numpy as np


def compute_reward(state, action, next_state):
    count = len(next_state.time)
    table = np.zeros((count, 3))
    table[:, 0] = next_state.forward_velocity
    table[:, 1] = -0.1 * np.square(action).sum(axis=-1)
    table[:, 2] = np.where(next_state.height > 0.5, 1.0, 0.0)
    total = table.sum(axis=1)
    total[next_state.terminated] -= 1.0
    return total, {"forward": table[:, 0], "effort": table[:, 1], "high": table[:, 2]}
