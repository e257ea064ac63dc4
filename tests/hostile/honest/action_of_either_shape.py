# Handles an action with or without a second axis, and asserts a shape.
import numpy as np


def compute_reward(state, action, next_state):
    if action.ndim == 1:
        effort = action**2
    else:
        effort = np.sum(action**2, axis=tuple(range(1, action.ndim)))
    assert next_state.position.shape[-1] == 3, "three coordinates"
    total = next_state.forward_velocity - 0.05 * effort
    return total, {"forward": next_state.forward_velocity, "effort": -0.05 * effort}
