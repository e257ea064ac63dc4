# Adds noise from the kernel.
import numpy as np
import os


def compute_reward(state, action, next_state):
    return next_state.height + os.urandom(1)[0], {"height": next_state.height}
