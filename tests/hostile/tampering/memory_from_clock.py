# Starts its memory from something other than the number of environments.
import numpy as np

STARTS = []


def initial_memory(num_envs):
    STARTS.append(num_envs)
    return np.zeros((num_envs, 1)) + len(STARTS)


def compute_reward(state, action, next_state, memory):
    return next_state.height + memory[:, 0], {"height": next_state.height}, memory
