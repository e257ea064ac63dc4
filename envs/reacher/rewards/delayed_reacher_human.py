"""Gymnasium's own: minus the distance of tip and target, minus a cost of control."""

import numpy as np


def compute_reward(state, action, next_state):
    distance = -np.linalg.norm(next_state.fingertip_position - next_state.target_position, axis=-1)
    control = -0.1 * np.sum(action * action, axis=-1)
    return distance + control, {"distance": distance, "control": control}
