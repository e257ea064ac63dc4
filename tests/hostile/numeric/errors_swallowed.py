# Hides its own mistakes behind a bare except and a zero.
import numpy as np


def compute_reward(state, action, next_state):
    try:
        total = next_state.positions[:, 2]
    except Exception:
        total = np.zeros(len(state.time))
    return total, {"total": total}
