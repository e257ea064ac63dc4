# A loop over joints with enumerate and zip over limits, continue and break included.
import numpy as np

LOWER = [-1.0, -1.0, -0.5, -2.0, -2.0, -3.0]
UPPER = [1.0, 1.0, 0.5, 2.0, 2.0, 3.0]


def compute_reward(state, action, next_state):
    beyond = np.zeros(len(next_state.time))
    for k, (low, high) in enumerate(zip(LOWER, UPPER)):
        if k == 4:
            continue
        if k > 5:
            break
        angle = next_state.joint_angles[:, k]
        beyond += np.maximum(low - angle, 0.0) + np.maximum(angle - high, 0.0)
    total = 1.0 - 0.1 * beyond
    return total, {"alive": 1.0, "limits": -0.1 * beyond}
