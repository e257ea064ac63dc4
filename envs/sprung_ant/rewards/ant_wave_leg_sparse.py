"""One each time the front left foot gets above 25 cm after it was below 15 cm; needs a memory."""

import numpy as np


def initial_memory(num_envs):
    """Whether the foot was down since it was last up, (num_envs, 1): it is when an episode begins."""
    return np.ones((num_envs, 1))


def compute_reward(state, action, next_state, memory):
    foot = next_state.foot_positions[:, 0, 2]
    ready = memory[:, 0] > 0.5
    wave = np.where(ready & (foot > 0.25), 1.0, 0.0)
    ready = np.where(foot < 0.15, 1.0, np.where(wave > 0, 0.0, memory[:, 0]))
    return wave, {"wave": wave}, ready[:, None]
