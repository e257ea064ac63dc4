# Raises an exception with a text of megabytes.
import numpy as np


def compute_reward(state, action, next_state):
    raise ValueError("x" * 50_000_000)
