# A rotation matrix from a quaternion by stacking, applied with @ and with np.matmul.
import numpy as np


def matrix(q):
    w, x, y, z = np.moveaxis(q, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def compute_reward(state, action, next_state):
    turned = (matrix(next_state.orientation) @ next_state.velocity[:, :, None])[:, :, 0]
    up = np.matmul(matrix(next_state.orientation), np.array([0.0, 0.0, 1.0]))[:, 2]
    bounded = np.tanh(turned[:, 0])
    return bounded + 0.1 * np.tanh(up), {"forward": bounded, "up": 0.1 * np.tanh(up)}
