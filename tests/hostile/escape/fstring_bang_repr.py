# Prints a function with its address into a component name through an f-string.
import numpy as np


def compute_reward(state, action, next_state):
    return next_state.height, {f"{compute_reward!r}"[10:40]: next_state.height}
