# Declares a memory: pays for the highest height so far.
import numpy as np


def initial_memory(num_envs):
    return np.full((num_envs, 1), -10.0)


def compute_reward(state, action, next_state, memory):
    best = np.maximum(memory[:, 0], next_state.height)
    gain = np.clip(best - memory[:, 0], 0.0, 1.0)
    return gain, {"gain": gain}, best[:, None]
