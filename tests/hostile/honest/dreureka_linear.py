# After a candidate of a published DrEureka run: linear terms with scales, in one bracketed sum.
import numpy as np


def compute_reward(state, action, next_state):
    target_velocity = 2.0
    velocity_reward = 5.0 * (1.0 - np.abs(next_state.velocity[:, 0] - target_velocity) / target_velocity)
    target_height = 0.34
    height_reward = 2.0 * (1.0 - np.abs(next_state.position[:, 2] - target_height) / target_height)
    orientation_reward = -0.1 * np.linalg.norm(next_state.angular_velocity[:, :2], axis=1)
    action_rate_penalty = 0.000025 * np.sum(np.abs(next_state.joint_velocities - state.joint_velocities), axis=1)
    dof_pos_penalty = 0.01 * np.sum((np.abs(next_state.joint_angles) > 1.5).astype(np.float32), axis=1)
    reward = (
        velocity_reward
        + height_reward
        + orientation_reward
        - action_rate_penalty
        - dof_pos_penalty
    )
    return reward, {"velocity": velocity_reward, "height": height_reward, "orientation": orientation_reward}
