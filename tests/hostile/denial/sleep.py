# Sleeps, which uses no CPU-time for a limit to count.
import time

import numpy as np


def compute_reward(state, action, next_state):
    time.sleep(3600)
    return next_state.height, {}
