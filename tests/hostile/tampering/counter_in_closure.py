# Counts its calls in a closure.
import numpy as np


def make():
    count = 0

    def step():
        nonlocal count
        count += 1
        return count

    return step


STEP = make()


def compute_reward(state, action, next_state):
    return next_state.height + STEP(), {"height": next_state.height}
