# After IsaacGymEnvs' Quadcopter: distance, tilt and spin rewards, the last two weighted by the first.
import numpy as np
from reward_math import quat_rotate


def compute_reward(state, action, next_state):
    target_dist = np.sqrt(np.square(next_state.position[..., 0]) + np.square(next_state.position[..., 1]) + np.square(1 - next_state.position[..., 2]))
    pos_reward = 1.0 / (1.0 + target_dist * target_dist)
    ups = quat_rotate(next_state.orientation, np.tile(np.array([0.0, 0.0, 1.0]), (len(target_dist), 1)))
    tiltage = np.abs(1 - ups[..., 2])
    up_reward = 1.0 / (1.0 + tiltage * tiltage)
    spinnage = np.abs(next_state.angular_velocity[..., 2])
    spinnage_reward = 1.0 / (1.0 + spinnage * spinnage)
    reward = pos_reward + pos_reward * (up_reward + spinnage_reward)
    return reward, {"pos": pos_reward, "up": pos_reward * up_reward, "spin": pos_reward * spinnage_reward}
