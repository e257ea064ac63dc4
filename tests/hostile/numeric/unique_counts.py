# Counts how many rows are near each row.
import numpy as np


def compute_reward(state, action, next_state):
    gaps = np.linalg.norm(next_state.position[:, None] - next_state.position[None], axis=-1)
    crowd = np.sum(gaps < 1.0, axis=1)
    return -1.0 * crowd, {"crowd": -1.0 * crowd}
