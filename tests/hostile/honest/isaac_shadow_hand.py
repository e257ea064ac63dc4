# After IsaacGymEnvs' ShadowHand: distance, inverse of the rotation left, action cost, success bonus, fall penalty.
import numpy as np
from reward_math import quat_conjugate, quat_multiply

DIST_REWARD_SCALE, ROT_REWARD_SCALE, ROT_EPS = -10.0, 1.0, 0.1
SUCCESS_TOLERANCE, REACH_GOAL_BONUS = 0.1, 250.0
FALL_DIST, FALL_PENALTY = 0.24, 0.0


def compute_reward(state, action, next_state):
    goal_dist = np.linalg.norm(next_state.object_position - next_state.goal_position, ord=2, axis=-1)
    target = np.array([[1.0, 0.0, 0.0, 0.0]])
    quat_diff = quat_multiply(next_state.orientation, quat_conjugate(target))
    rot_dist = 2.0 * np.arcsin(np.clip(np.linalg.norm(quat_diff[:, 1:4], axis=-1), a_min=None, a_max=1.0))
    dist_rew = goal_dist * DIST_REWARD_SCALE
    rot_rew = 1.0 / (np.abs(rot_dist) + ROT_EPS) * ROT_REWARD_SCALE
    action_penalty = np.sum(action**2, axis=-1)
    reward = dist_rew + rot_rew + action_penalty * -0.0002
    goal_resets = np.where(np.abs(rot_dist) <= SUCCESS_TOLERANCE, np.ones_like(reward), np.zeros_like(reward))
    reward = np.where(goal_resets == 1, reward + REACH_GOAL_BONUS, reward)
    reward = np.where(goal_dist >= FALL_DIST, reward + FALL_PENALTY, reward)
    return reward, {"dist": dist_rew, "rot": rot_rew, "actions": -0.0002 * action_penalty}
