# After Text2Reward's published door-unlock: a cosine distance written out, a bonus where it is small.
import numpy as np

DISTANCE_WEIGHT = 1.0
GOAL_REACHED_REWARD = 100.0
ACTION_PENALTY = 0.1
EPSILON = 1e-8


def cosine_distance(a, b):
    product = np.sum(a * b, axis=-1)
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return 1.0 - product / np.maximum(lengths, EPSILON)


def compute_reward(state, action, next_state):
    distance = np.linalg.norm(next_state.position - next_state.object_position, axis=-1)
    goal_diff = np.linalg.norm(next_state.object_position - next_state.goal_position, axis=-1)
    action_penalty = ACTION_PENALTY * np.square(action).sum(axis=-1)
    reached = cosine_distance(next_state.object_position, next_state.goal_position) < 0.01
    reward = -DISTANCE_WEIGHT * distance - goal_diff - action_penalty
    return reward + np.where(reached, GOAL_REACHED_REWARD, 0.0), {"distance": -distance, "goal": -goal_diff}
