# Counts its calls in a list inside a constant dict.
import numpy as np

TABLE = {"weights": [1.0, 2.0], "seen": []}


def compute_reward(state, action, next_state):
    TABLE["seen"].append(1.0)
    return next_state.height + len(TABLE["seen"]), {"height": next_state.height}
