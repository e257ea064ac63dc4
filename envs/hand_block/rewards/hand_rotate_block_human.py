"""After IsaacGymEnvs' ShadowHand: close to the target orientation, a bonus there, little effort, no drop."""

import numpy as np

DROP = 20.0


def compute_reward(state, action, next_state):
    close = 1.0 / (next_state.angle_to_target + 0.1)
    nearer = 50.0 * (state.angle_to_target - next_state.angle_to_target)
    bonus = np.where(next_state.angle_to_target < 0.2, 5.0, 0.0)
    effort = -2e-4 * np.sum(action * action, axis=-1)
    drop = np.where(next_state.terminated, -DROP, 0.0)
    parts = {"close": close, "nearer": nearer, "bonus": bonus, "effort": effort, "drop": drop}
    return close + nearer + bonus + effort + drop, parts
