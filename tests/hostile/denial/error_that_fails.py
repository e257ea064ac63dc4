# Raises an exception whose text cannot be made.
import numpy as np


class Hidden(Exception):
    def __str__(self):
        raise ValueError


def compute_reward(state, action, next_state):
    raise Hidden
