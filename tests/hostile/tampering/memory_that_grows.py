# Declares a memory that becomes wider at every step.
import numpy as np


def initial_memory(num_envs):
    return np.zeros((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    wider = np.concatenate([memory, memory[:, :1]], axis=1)
    return next_state.height, {"height": next_state.height}, wider
