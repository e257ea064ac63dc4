# Counts its calls in an attribute of the function.
import numpy as np


def compute_reward(state, action, next_state):
    compute_reward.calls = getattr(compute_reward, "calls", 0) + 1
    return next_state.height + compute_reward.calls, {"height": next_state.height}
