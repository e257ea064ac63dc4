# Uses a name that exists nowhere, on a branch that no test reaches.
import numpy as np


def compute_reward(state, action, next_state):
    total = next_state.height
    if action.ndim == 3:
        total = total + torque_penalty(action)
    return total, {"height": total}
