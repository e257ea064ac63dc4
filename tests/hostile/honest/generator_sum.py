# A sum over a generator expression, sorted items, any and all over constants.
import numpy as np

WEIGHTS = {"position": 0.2, "velocity": 0.1}
ORDER = sorted(WEIGHTS)


def compute_reward(state, action, next_state):
    values = {"position": next_state.position, "velocity": next_state.velocity}
    total = sum(-WEIGHTS[name] * np.linalg.norm(values[name], axis=-1) for name in ORDER)
    if all(weight > 0 for weight in WEIGHTS.values()) and any(name == "position" for name in ORDER):
        total = total + 1.0
    return total, {name: -WEIGHTS[name] * np.linalg.norm(values[name], axis=-1) for name in ORDER}
