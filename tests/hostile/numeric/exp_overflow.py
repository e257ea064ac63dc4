# Pays exp of a speed with a positive exponent, as a published spinning reward does.
import numpy as np


def compute_reward(state, action, next_state):
    spin = np.linalg.norm(next_state.angular_velocity, axis=-1)
    total = np.exp(50.0 * spin)
    return total, {"spin": total}
