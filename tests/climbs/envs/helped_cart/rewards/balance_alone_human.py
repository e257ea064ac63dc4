"""After IsaacGymEnvs' Cartpole: stay upright, move little, do not fall."""

import numpy as np


def compute_reward(state, action, next_state):
    upright = 1.0 - next_state.pole_angle**2
    cart_speed = -0.01 * np.abs(next_state.cart_velocity)
    pole_speed = -0.005 * np.abs(next_state.pole_angular_velocity)
    fell = np.where(next_state.terminated, -2.0, 0.0)
    total = upright + cart_speed + pole_speed + fell
    return total, {"upright": upright, "cart_speed": cart_speed, "pole_speed": pole_speed, "fell": fell}
