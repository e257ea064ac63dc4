# After a published Eureka reward for running: horizontal speed, deviation from upright, transformed components.
import numpy as np


def compute_reward(state, action, next_state):
    velocity = next_state.velocity
    horizontal_speed = np.sqrt(velocity[:, 0] * velocity[:, 0] + velocity[:, 1] * velocity[:, 1])
    up_deviation = np.abs(next_state.upright - 1.0)
    speed_temp, stability_temp, action_temp = 0.1, 1.0, 1.0
    speed_shaped = np.exp(speed_temp * np.minimum(horizontal_speed, 20.0))
    stability_shaped = np.exp(-stability_temp * up_deviation * 10.0)
    action_shaped = np.exp(-action_temp * 0.1 * np.sum(action * action, axis=-1))
    reward = speed_shaped + stability_shaped + action_shaped
    return reward, {"speed_reward": speed_shaped, "stability_reward": stability_shaped, "action_penalty": action_shaped}
