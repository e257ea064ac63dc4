# Potential-based shaping after Ng et al. 1999: discounted difference of a potential before and after.
import numpy as np

GAMMA = 0.99


def potential(s):
    return -np.linalg.norm(s.position - s.goal_position, axis=-1)


def compute_reward(state, action, next_state):
    shaping = GAMMA * potential(next_state) - potential(state)
    goal = np.where(potential(next_state) > -0.05, 10.0, 0.0)
    return shaping + goal, {"shaping": shaping, "goal": goal}
