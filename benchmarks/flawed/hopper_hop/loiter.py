"""Wrong on purpose: standing pays in every step, moving ahead is a cost, so it stays where it is."""

import numpy as np


def compute_reward(state, action, next_state):
    alive = np.where(next_state.terminated, 0.0, 1.0)
    calm = -np.abs(next_state.forward_velocity)
    return alive + calm, {"alive": alive, "calm": calm}
