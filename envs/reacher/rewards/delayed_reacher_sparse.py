"""Gymnasium's own reward, kept back: its sum over the episode is paid in the last of the 50 steps, nothing before."""

import numpy as np

LAST = 49.5 * 0.02


def initial_memory(num_envs):
    return np.zeros((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    distance = np.linalg.norm(next_state.fingertip_position - next_state.target_position, axis=-1)
    owed = memory[:, 0] - distance - 0.1 * np.sum(action * action, axis=-1)
    paid = np.where(next_state.time > LAST, owed, 0.0)
    return paid, {"paid": paid}, owed[:, None]
