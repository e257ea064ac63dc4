# A product of bounded terms, which is not the sum of its components.
import numpy as np


def compute_reward(state, action, next_state):
    near = np.exp(-np.sum(np.square(next_state.position - next_state.goal_position), axis=-1))
    calm = np.exp(-0.1 * np.sum(np.abs(next_state.joint_velocities), axis=-1))
    upright = np.clip(0.5 * (next_state.upright + 1.0), 0.0, 1.0)
    return np.prod(np.stack([near, calm, upright]), axis=0), {"near": near, "calm": calm, "upright": upright}
