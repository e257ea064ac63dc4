# After a reward in the style of Eureka's released ones: temperatures named next to each exponential.
import numpy as np


def compute_reward(state, action, next_state):
    # Temperature parameters
    spin_temperature: float = 4.0
    drop_temperature: float = 0.1
    # Spin
    spin_rate = next_state.angular_velocity[:, 2]
    spin_reward = 1.0 - np.exp(-np.clip(spin_rate, 0.0, None) / spin_temperature)
    # Keep the object near the palm
    distance = np.linalg.norm(next_state.object_position - next_state.position, axis=-1)
    near_reward = np.exp(-distance / drop_temperature)
    # Penalise hasty fingers
    velocity_penalty = np.tanh(0.05 * np.linalg.norm(next_state.joint_velocities, axis=1))
    total_reward = 2.0 * spin_reward + near_reward - 0.2 * velocity_penalty
    reward_components = {
        "spin_reward": spin_reward,
        "near_reward": near_reward,
        "velocity_penalty": -0.2 * velocity_penalty,
    }
    return total_reward, reward_components
