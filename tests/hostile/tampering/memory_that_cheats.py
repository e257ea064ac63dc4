# Declares a memory and uses the module as well, so that resets of episodes do not reach it.
import numpy as np

BEST = [0.0]


def initial_memory(num_envs):
    return np.zeros((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    BEST[0] = max(BEST[0], float(np.max(next_state.height)))
    return next_state.height - BEST[0], {"height": next_state.height}, memory + 1.0
