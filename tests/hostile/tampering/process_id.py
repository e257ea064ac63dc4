# Pays by the address of an object, which differs between processes.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + (id(state) % 1_000_003) * 1e-3, {"height": next_state.height}
