"""One for every 30 degrees of net clockwise progress reached for the first time in the episode; needs a memory."""

import numpy as np

WAYPOINT = np.pi / 6


def initial_memory(num_envs):
    """Net angle so far and waypoints reached so far, (num_envs, 2)."""
    return np.zeros((num_envs, 2))


def compute_reward(state, action, next_state, memory):
    turned = (state.pen_azimuth - next_state.pen_azimuth + np.pi) % (2 * np.pi) - np.pi
    net = memory[:, 0] + turned
    reached = np.maximum(memory[:, 1], np.floor(net / WAYPOINT))
    waypoint = np.where(next_state.terminated, 0.0, reached - memory[:, 1])
    return waypoint, {"waypoint": waypoint}, np.stack([net, reached], axis=1)
