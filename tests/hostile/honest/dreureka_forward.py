# After DrEureka's released reward for walking forward: a product of five exponentials.
import numpy as np
from reward_math import quat_rotate_inverse


def compute_reward(state, action, next_state):
    target_velocity_x = 2.0
    target_height_z = 0.34
    velocity_reward = np.exp(-np.abs(next_state.velocity[:, 0] - target_velocity_x))
    height_reward = np.exp(-5.0 * np.abs(next_state.position[:, 2] - target_height_z))
    gravity = np.repeat(np.array([[0.0, 0.0, -1.0]]), len(next_state.time), axis=0)
    projected_gravity = quat_rotate_inverse(next_state.orientation, gravity)
    ideal_projected_gravity = np.array([0.0, 0.0, -1.0])
    orientation_reward = np.exp(-5.0 * np.linalg.norm(projected_gravity - ideal_projected_gravity, axis=1))
    violations = np.any((next_state.joint_angles < -2.0) | (next_state.joint_angles > 2.0), axis=-1)
    limits_reward = 1.0 - violations.astype(float)
    smoothness_reward = np.exp(-0.1 * np.linalg.norm(action, axis=1))
    total_reward = velocity_reward * height_reward * orientation_reward * limits_reward * smoothness_reward
    reward_components = {"velocity_reward": velocity_reward,
                         "height_reward": height_reward,
                         "orientation_reward": orientation_reward,
                         "dof_limit_violations_reward": limits_reward,
                         "smoothness_reward": smoothness_reward}
    return total_reward, reward_components
