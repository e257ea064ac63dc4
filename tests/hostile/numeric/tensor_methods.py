# Mixes PyTorch's keywords into NumPy.
import numpy as np


def compute_reward(state, action, next_state):
    total = np.sum(next_state.position, dim=-1).clamp(0, 1)
    return total, {}
