# Guards a division with np.where, which computes both sides, and adds the unguarded side as a component.
import numpy as np


def compute_reward(state, action, next_state):
    speed = np.linalg.norm(next_state.velocity, axis=-1)
    direction = next_state.forward_velocity / speed
    total = np.where(speed > 1e-6, direction, 0.0)
    return total, {"direction": direction}
