# Takes a view and subtracts from it on the same line, where an order by lines would not tell which is first.
import numpy as np


def compute_reward(state, action, next_state):
    total = next_state.height; total -= 1.0
    return total, {"height": total}
