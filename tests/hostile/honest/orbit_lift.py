# After Isaac Lab's lift task: tanh kernels with standard deviations as keyword arguments.
import numpy as np


def object_ee_distance(following, *, std):
    distance = np.linalg.norm(following.object_position - following.position, axis=1)
    return 1 - np.tanh(distance / std)


def object_is_lifted(following, minimal_height=0.04):
    return np.where(following.object_position[:, 2] > minimal_height, 1.0, 0.0)


def object_goal_distance(following, std, minimal_height):
    distance = np.linalg.norm(following.goal_position - following.object_position, axis=1)
    return (following.object_position[:, 2] > minimal_height) * (1 - np.tanh(distance / std))


def compute_reward(state, action, next_state):
    reaching = object_ee_distance(next_state, std=0.1)
    lifting = 15.0 * object_is_lifted(next_state)
    tracking = 16.0 * object_goal_distance(next_state, 0.3, minimal_height=0.04)
    fine = 5.0 * object_goal_distance(next_state, std=0.05, minimal_height=0.04)
    return reaching + lifting + tracking + fine, {"reaching": reaching, "lifting": lifting, "tracking": tracking, "fine": fine}
