# Normalises by a softmax over the batch axis.
import numpy as np


def compute_reward(state, action, next_state):
    powers = np.exp(np.clip(next_state.upright, -5, 5))
    total = powers / powers.sum()
    return total, {"share": total}
