# Counts its calls in a list inside a dict of the module, which it reaches through a copy of the dict.
import numpy as np

SEEN = {"calls": [0.0]}


def compute_reward(state, action, next_state):
    mine = dict(SEEN)
    calls = mine["calls"]
    calls += [1.0]
    return next_state.height + len(SEEN["calls"]), {"height": next_state.height}
