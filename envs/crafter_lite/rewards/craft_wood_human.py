"""One for every piece of wood, and steps towards the nearest tree in view."""

import numpy as np

COLLECT_WOOD = 6
NEARER = 0.1


def compute_reward(state, action, next_state):
    collected = next_state.achievements[:, COLLECT_WOOD] - state.achievements[:, COLLECT_WOOD]
    step = np.clip(state.tree_distance - next_state.tree_distance, -1.0, 1.0)
    nearer = NEARER * np.where(collected > 0, 0.0, step)
    return collected + nearer, {"collected": collected, "nearer": nearer}
