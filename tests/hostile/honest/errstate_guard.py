# A guarded division inside np.errstate, as many write it.
import numpy as np


def compute_reward(state, action, next_state):
    speed = np.linalg.norm(next_state.velocity, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        direction = np.where(speed > 1e-6, next_state.velocity[:, 0] / speed, 0.0)
    return direction, {"direction": direction}
