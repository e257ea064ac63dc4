# Pays by the clock.
import time

import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height + time.time() % 100.0, {"height": next_state.height}
