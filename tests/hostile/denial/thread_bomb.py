# Starts threads that loop.
import threading

import numpy as np


def compute_reward(state, action, next_state):
    for _ in range(100):
        try:
            threading.Thread(target=lambda: None).start()
        except RuntimeError:
            break
    return next_state.height, {"height": next_state.height}
