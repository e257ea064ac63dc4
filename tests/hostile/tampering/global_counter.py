# Counts its calls in a global and pays more every time.
import numpy as np

calls = 0


def compute_reward(state, action, next_state):
    global calls
    calls += 1
    return next_state.height + calls, {"height": next_state.height}
