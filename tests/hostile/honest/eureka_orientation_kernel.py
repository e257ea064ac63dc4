# After a published Eureka reward for the hand's cube: orientation error and angular speed in exponentials.
import numpy as np


def compute_reward(state, action, next_state):
    goal_rot = np.array([0.7071, 0.0, 0.7071, 0.0])
    error = 1.0 - np.abs(np.sum(next_state.orientation * goal_rot, axis=-1))
    orientation_reward = np.exp(-5.0 * np.abs(error))
    magnitude = np.linalg.norm(next_state.angular_velocity, axis=1)
    spin_reward = np.exp(-np.abs(magnitude - 2.0) / 1.0)
    total_reward = 0.5 * (orientation_reward + spin_reward)
    return total_reward, {"orientation_reward": orientation_reward, "spin_reward": spin_reward}
