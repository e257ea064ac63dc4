# Shifts by an amount that is kept in a name.
import numpy as np

AMOUNT = 60_000_000_000


def compute_reward(state, action, next_state):
    big = 1 << AMOUNT
    return next_state.height + big % 7, {}
