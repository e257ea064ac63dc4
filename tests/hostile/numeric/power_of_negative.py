# Raises negative numbers to a broken power.
import numpy as np


def compute_reward(state, action, next_state):
    total = next_state.forward_velocity**1.5
    return total, {"forward": total}
