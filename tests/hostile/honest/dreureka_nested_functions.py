# After DrEureka's original reward: one nested function per term, called one after another.
import numpy as np


def compute_reward(state, action, next_state):
    def _reward_lin_vel_z():
        return np.square(next_state.velocity[:, 2])

    def _reward_ang_vel_xy():
        return np.sum(np.square(next_state.angular_velocity[:, :2]), axis=1)

    def _reward_torques():
        return np.sum(np.square(action), axis=1)

    def _reward_tracking(command=1.0, sigma=0.25):
        return np.exp(-np.square(command - next_state.forward_velocity) / sigma)

    components = {}
    components["lin_vel_z"] = -0.02 * _reward_lin_vel_z()
    components["ang_vel_xy"] = -0.001 * _reward_ang_vel_xy()
    components["torques"] = -0.00001 * _reward_torques()
    components["tracking"] = _reward_tracking(command=2.0)
    total = np.zeros_like(next_state.time)
    for name, value in components.items():
        total = total + value
    return total, components
