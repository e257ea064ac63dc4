# After IsaacGymEnvs' Trifinger: fingers' approach, keypoints' distances by a logistic kernel.
import numpy as np


def lgsk_kernel(x, scale: float = 50.0, eps: float = 2):
    """Logistic kernel: one over e^a + eps + e^-a."""
    scaled = np.clip(x * scale, -80.0, 80.0)
    return 1.0 / (np.exp(scaled) + eps + np.exp(-scaled))


def compute_reward(state, action, next_state):
    before = np.linalg.norm(state.fingertip_positions - state.object_position[:, np.newaxis, :], axis=-1)
    after = np.linalg.norm(next_state.fingertip_positions - next_state.object_position[:, np.newaxis, :], axis=-1)
    finger_reach = -750.0 * 0.02 * np.sum(after - before, axis=-1)
    finger_movement = -0.5 * np.sum(np.square(next_state.fingertip_positions - state.fingertip_positions), axis=(1, 2))
    keypoint = lgsk_kernel(np.linalg.norm(next_state.object_position - next_state.goal_position, axis=-1), scale=30.0)
    total = finger_reach + finger_movement + 40.0 * keypoint
    return total, {"reach": finger_reach, "movement": finger_movement, "pose": 40.0 * keypoint}
