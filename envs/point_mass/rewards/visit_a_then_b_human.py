"""What was wanted pays when it is done, what was not costs; and steps towards what comes next."""

import numpy as np

NEARER = 1.0
RIGHT = 1.0
WRONG = -2.0


def said(state):
    """Letters of AAB said so far."""
    return np.minimum(state.a_visits, 2) + np.minimum(state.b_visits, 1)


def spoilt(state):
    return (state.a_visits > 2) | (state.b_visits > 1) | (state.b_was_early > 0)


def next_distance(state):
    """m to the next disc; away from A between its visits."""
    leave = 0.5 - state.a_distance
    to_a = np.where(state.in_a > 0, leave, state.a_distance)
    return np.where(state.a_visits < 2, to_a, state.b_distance * (state.b_visits < 1))


def compute_reward(state, action, next_state):
    right = RIGHT * (said(next_state) - said(state)) * ~spoilt(next_state)
    wrong = WRONG * np.where(spoilt(next_state) & ~spoilt(state), 1.0, 0.0)
    same = (said(next_state) == said(state)) & (next_state.in_a == state.in_a)
    nearer = NEARER * np.where(same & ~spoilt(state), next_distance(state) - next_distance(next_state), 0.0)
    return right + wrong + nearer, {"right": right, "wrong": wrong, "nearer": nearer}
