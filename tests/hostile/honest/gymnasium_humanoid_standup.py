# After Gymnasium's HumanoidStandup: height over time step, quadratic costs capped.
import numpy as np

DT = 0.015


def compute_reward(state, action, next_state):
    uph_cost = (next_state.height - 0) / DT
    quad_ctrl_cost = 0.1 * np.square(action).sum(axis=1)
    quad_impact_cost = 0.5e-6 * np.square(next_state.joint_velocities).sum(axis=1)
    quad_impact_cost = np.minimum(quad_impact_cost, 10)
    reward = uph_cost - quad_ctrl_cost - quad_impact_cost + 1
    return reward, {"reward_linup": uph_cost, "reward_quadctrl": -quad_ctrl_cost, "reward_impact": -quad_impact_cost}
