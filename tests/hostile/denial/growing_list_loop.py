# Loops for ever over a list that grows while it is read.
import numpy as np


def compute_reward(state, action, next_state):
    todo = [0.0]
    for item in todo:
        todo.append(item)
        todo = todo[-1:] if len(todo) > 10 else todo
    return next_state.height + len(todo), {}
