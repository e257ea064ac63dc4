# After IsaacGymEnvs' Cartpole: upright squared, small costs of speed, a fall costs two.
import numpy as np


def compute_reward(state, action, next_state):
    angle = next_state.joint_angles[:, 0]
    reward = 1.0 - angle * angle - 0.01 * np.abs(next_state.velocity[:, 0]) - 0.005 * np.abs(next_state.joint_velocities[:, 0])
    reward = np.where(np.abs(next_state.position[:, 0]) > 2.4, np.ones_like(reward) * -2.0, reward)
    reward = np.where(np.abs(angle) > np.pi / 2, np.ones_like(reward) * -2.0, reward)
    return reward, {"pole": 1.0 - angle**2}
