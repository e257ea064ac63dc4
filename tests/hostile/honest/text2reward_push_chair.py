# After Text2Reward's published PushChair: distances to a cloud of points without cdist, logs with small offsets, stages.
import numpy as np
from reward_math import pairwise_distance


def compute_reward(state, action, next_state):
    cloud = next_state.object_position[:, None, :] + np.array([[0.1, 0.0, 0.0], [-0.1, 0.0, 0.0], [0.0, 0.1, 0.3]])
    dist_ees_to_chair = pairwise_distance(next_state.fingertip_positions, cloud).min(axis=2)
    dist_ee_to_chair = dist_ees_to_chair.mean(axis=1)
    log_dist = np.log(dist_ee_to_chair + 1e-5)
    reward = -20.0 - dist_ee_to_chair - np.clip(log_dist, -10, 0)
    chair_tilt = np.arccos(np.clip(next_state.upright, -1.0, 1.0))
    reward += -chair_tilt * 0.2
    reward -= np.linalg.norm(action, axis=-1) * 1e-6
    speed = np.linalg.norm(next_state.object_velocity, axis=-1)
    to_target = np.linalg.norm(next_state.object_position[:, :2] - next_state.goal_position[:, :2], axis=-1)
    near, there, still = dist_ee_to_chair < 0.2, to_target <= 0.3, speed <= 0.1
    stage_reward = 2.0 * near + 2.0 * (near & there) + 2.0 * (near & there & still & (chair_tilt <= 0.1 * np.pi))
    return reward + stage_reward, {"stage": stage_reward, "tilt": -0.2 * chair_tilt}
