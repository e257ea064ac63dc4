# A bend from three points by np.cross and np.arctan2; means and roots guarded.
import numpy as np


def compute_reward(state, action, next_state):
    first = next_state.fingertip_positions[:, 1] - next_state.fingertip_positions[:, 0]
    second = next_state.fingertip_positions[:, 2] - next_state.fingertip_positions[:, 1]
    bend = np.arctan2(np.linalg.norm(np.cross(first, second), axis=-1), np.sum(first * second, axis=-1))
    spread = np.sqrt(np.maximum(np.var(next_state.fingertip_positions, axis=1).sum(axis=-1), 1e-12))
    return -bend + 0.1 * spread, {"bend": -bend, "spread": 0.1 * spread}
