# `import numpy.linalg as la` and `from numpy.linalg import norm`, side by side.
import numpy as np
import numpy.linalg as la
from numpy.linalg import norm


def compute_reward(state, action, next_state):
    near = -la.norm(next_state.position - next_state.goal_position, axis=-1)
    slow = -0.1 * norm(next_state.velocity, axis=-1)
    return near + slow, {"near": near, "slow": slow}
