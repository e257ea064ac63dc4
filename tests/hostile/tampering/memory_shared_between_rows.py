# Declares a memory and lets environments read one another's.
import numpy as np


def initial_memory(num_envs):
    return np.zeros((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    best = np.maximum(memory[:, 0], np.max(next_state.height))
    return next_state.height - best, {"best": best}, best[:, None]
