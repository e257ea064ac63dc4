# Counts its calls with a generator that the module holds.
import numpy as np

TICKS = (k for k in range(9_999))


def compute_reward(state, action, next_state):
    tick = 0
    for k in TICKS:
        tick = k
        break
    return next_state.height + tick, {"height": next_state.height}
