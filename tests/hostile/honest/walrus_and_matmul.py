# An assignment expression and a matrix product with a constant matrix.
import numpy as np

GAINS = np.diag([1.0, 0.5, 0.25])
WEIGHTS = np.array([0.5, 0.3, 0.2])


def compute_reward(state, action, next_state):
    total = -np.abs((error := next_state.position - next_state.goal_position) @ GAINS @ WEIGHTS)
    quadratic = -np.einsum("bi,ij,bj->b", error, GAINS, error)
    return total + quadratic, {"linear": total, "quadratic": quadratic}
