"""After IsaacGymEnvs' BallBalance: the ball near the middle and slow, as a product."""

import numpy as np


def compute_reward(state, action, next_state):
    apart = np.sqrt(np.sum(next_state.ball_on_tray[:, :2] ** 2, axis=-1))
    speed = np.sqrt(np.sum(next_state.ball_velocity**2, axis=-1))
    near, slow = 1.0 / (1.0 + 5.0 * apart), 1.0 / (1.0 + speed)
    return near * slow, {"near": near, "slow": slow}
