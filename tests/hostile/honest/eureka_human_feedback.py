# After Eureka's released reward from human feedback for a humanoid: a running total with `reward -= cost`.
import numpy as np


def compute_reward(state, action, next_state):
    # Reward is based on forward velocity
    reward = next_state.forward_velocity.copy()
    energy_cost = 0.05 * np.sum(action**2, axis=-1)
    reward -= energy_cost
    joints_at_limit_cost = 0.1 * np.sum(next_state.joint_angles > 0.99, axis=-1)
    reward -= joints_at_limit_cost
    leg_difference = np.abs(next_state.joint_angles[:, 0] - next_state.joint_angles[:, 1])
    reward += leg_difference
    upright_torso = 1 - np.abs(1 - next_state.upright)
    reward += 2 * upright_torso
    low_torso = next_state.height < 1.0
    reward = np.where(low_torso, np.ones_like(reward) * -1.0, reward)
    high_ang_velocity = np.abs(next_state.angular_velocity).sum(axis=-1) > 1.0
    reward = np.where(high_ang_velocity, np.ones_like(reward) * -1.0, reward)
    return reward, {"energy": -energy_cost, "limits": -joints_at_limit_cost, "legs": leg_difference, "torso": 2 * upright_torso}
