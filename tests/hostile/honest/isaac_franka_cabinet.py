# After IsaacGymEnvs' FrankaCabinet: inverse squared distance, squared again, doubled when near; alignment by signs.
import numpy as np


def compute_reward(state, action, next_state):
    d = np.linalg.norm(next_state.position - next_state.object_position, axis=-1)
    dist_reward = 1.0 / (1.0 + d**2)
    dist_reward *= dist_reward
    dist_reward = np.where(d <= 0.02, dist_reward * 2, dist_reward)
    axis1 = next_state.fingertip_positions[:, 0] - next_state.position
    axis2 = next_state.fingertip_positions[:, 1] - next_state.position
    dot1 = (axis1 * axis2).sum(axis=-1)
    rot_reward = 0.5 * np.sign(dot1) * np.tanh(dot1) ** 2
    action_penalty = (action**2).sum(-1)
    rewards = 2.0 * dist_reward + 0.5 * rot_reward - 0.01 * action_penalty
    rewards = np.where(next_state.height > 0.01, rewards + 0.5, rewards)
    return rewards, {"dist": 2.0 * dist_reward, "rot": 0.5 * rot_reward, "action": -0.01 * action_penalty}
