# Takes the smallest of several terms by np.minimum.reduce-like stacking, and of two by np.fmin.
import numpy as np


def compute_reward(state, action, next_state):
    terms = np.array([next_state.upright, 1.0 - np.abs(next_state.height - 1.0), np.tanh(next_state.forward_velocity)])
    worst = np.min(terms, axis=0)
    capped = np.fmin(worst, 0.9)
    return capped, {"worst": worst, "capped": capped}
