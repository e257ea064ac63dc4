# Calls itself until the stack is full.
import numpy as np


def deeper(x):
    return deeper(x) + 1


def compute_reward(state, action, next_state):
    return next_state.height + deeper(0), {}
