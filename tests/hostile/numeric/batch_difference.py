# Takes the difference of neighbouring rows for a rate of change.
import numpy as np


def compute_reward(state, action, next_state):
    jerk = np.abs(next_state.forward_velocity - np.roll(next_state.forward_velocity, 1))
    return -jerk, {"jerk": -jerk}
