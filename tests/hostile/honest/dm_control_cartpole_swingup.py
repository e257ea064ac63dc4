# After dm_control's smooth cartpole: a product of upright, centred, small control, small velocity.
import numpy as np
from reward_math import tolerance


def compute_reward(state, action, next_state):
    upright = (np.cos(next_state.joint_angles[:, 0]) + 1) / 2
    centered = (1 + tolerance(next_state.position[:, 0], margin=2)) / 2
    small_control = (4 + tolerance(action[:, 0], margin=1)) / 5
    small_velocity = (1 + tolerance(next_state.joint_velocities, margin=5).min(axis=-1)) / 2
    total = upright * small_control * small_velocity * centered
    parts = {"upright": upright}
    parts.update({"centered": centered, "small_control": small_control})
    parts.update(small_velocity=small_velocity)
    return total, parts
