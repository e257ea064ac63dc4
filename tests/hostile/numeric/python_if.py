# Decides once for the whole batch with a Python condition on a mean.
import numpy as np


def compute_reward(state, action, next_state):
    if next_state.height.mean() > 0.0:
        total = next_state.forward_velocity
    else:
        total = -next_state.forward_velocity
    return total, {"forward": total}
