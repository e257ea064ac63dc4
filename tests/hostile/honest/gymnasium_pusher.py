# After Gymnasium's Pusher: near, far and control costs, negated.
import numpy as np


def compute_reward(state, action, next_state):
    vec_1 = next_state.object_position - next_state.position
    vec_2 = next_state.object_position - next_state.goal_position
    reward_near = -np.linalg.norm(vec_1, axis=-1)
    reward_dist = -np.linalg.norm(vec_2, axis=-1)
    reward_ctrl = -np.square(action).sum(axis=-1)
    reward = reward_dist + 0.1 * reward_ctrl + 0.5 * reward_near
    info = dict(reward_dist=reward_dist, reward_ctrl=reward_ctrl)
    info["reward_near"] = reward_near
    return reward, info
