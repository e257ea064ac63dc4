"""Wrong on purpose: the cost of effort and motion is all there is, so standing still is best."""

import numpy as np


def compute_reward(state, action, next_state):
    effort = -np.sum(action * action, axis=-1)
    calm = -0.1 * np.mean(np.abs(next_state.joint_velocities), axis=-1)
    return effort + calm, {"effort": effort, "calm": calm}
