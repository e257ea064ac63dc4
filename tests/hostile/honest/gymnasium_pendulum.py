# After Gymnasium's Pendulum: an angle normalised by the remainder.
import numpy as np


def angle_normalize(x):
    return ((x + np.pi) % (2 * np.pi)) - np.pi


def compute_reward(state, action, next_state):
    th, thdot, u = state.joint_angles[:, 0], state.joint_velocities[:, 0], np.clip(action[:, 0], -2, 2)
    costs = angle_normalize(th) ** 2 + 0.1 * thdot**2 + 0.001 * (u**2)
    return -costs, {"angle": -angle_normalize(th) ** 2, "rate": -0.1 * thdot**2}
