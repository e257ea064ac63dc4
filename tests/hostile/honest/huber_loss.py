# A Huber loss, with np.abs, np.where and a keyword-only threshold.
import numpy as np


def huber(error, *, delta=1.0):
    size = np.abs(error)
    return np.where(size <= delta, 0.5 * error**2, delta * (size - 0.5 * delta))


def compute_reward(state, action, next_state):
    error = huber(next_state.position - next_state.goal_position, delta=0.3).sum(axis=-1)
    smooth = huber(next_state.joint_velocities - state.joint_velocities).mean(axis=-1)
    return -(error + 0.01 * smooth), {"error": -error, "smooth": -0.01 * smooth}
