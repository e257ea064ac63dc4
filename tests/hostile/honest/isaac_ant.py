# After IsaacGymEnvs' Ant: heading and up bonuses, costs of action, electricity and joint limits, a death cost.
from typing import Dict, Tuple

import numpy as np
from reward_math import quat_rotate

DEATH_COST = -2.0
TERMINATION_HEIGHT = 0.31


def compute_reward(state, action, next_state) -> Tuple[np.ndarray, Dict[str, np.ndarray]]:
    forward = np.zeros((len(next_state.time), 3))
    forward = forward + np.array([1.0, 0.0, 0.0])
    heading = quat_rotate(next_state.orientation, forward)[:, 0]
    heading_reward = np.where(heading > 0.8, 0.5, 0.5 * heading / 0.8)
    up_reward = np.where(next_state.upright > 0.93, 0.1, 0.0)
    actions_cost = np.sum(action**2, axis=-1)
    electricity_cost = np.sum(np.abs(action * next_state.joint_velocities), axis=-1)
    dof_at_limit_cost = np.sum(next_state.joint_angles > 0.99, axis=-1)
    progress_reward = next_state.forward_velocity
    total_reward = (
        progress_reward
        + 0.5
        + up_reward
        + heading_reward
        - 0.005 * actions_cost
        - 0.05 * electricity_cost
        - 0.1 * dof_at_limit_cost
    )
    total_reward = np.where(next_state.height < TERMINATION_HEIGHT, np.ones_like(total_reward) * DEATH_COST, total_reward)
    return total_reward, {"progress": progress_reward, "up": up_reward, "heading": heading_reward}
