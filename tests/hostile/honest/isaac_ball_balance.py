# After IsaacGymEnvs' BallBalance: a product of position and speed rewards.
import math

import numpy as np


def compute_reward(state, action, next_state):
    x, y, z = next_state.object_position[:, 0], next_state.object_position[:, 1], next_state.object_position[:, 2]
    ball_dist = np.sqrt(x * x + (z - 0.7) * (z - 0.7) + y * y)
    vx, vy, vz = next_state.object_velocity.T
    ball_speed = np.sqrt(vx * vx + vy * vy + vz * vz)
    pos_reward = 1.0 / (1.0 + ball_dist)
    speed_reward = 1.0 / (1.0 + ball_speed)
    reward = pos_reward * speed_reward * math.sqrt(2.0)
    return reward, {"pos": pos_reward, "speed": speed_reward}
