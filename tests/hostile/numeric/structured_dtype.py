# Reads floats through a structured type as other numbers.
import numpy as np


def compute_reward(state, action, next_state):
    records = np.array(next_state.height, dtype=[("value", "f8")])
    return records["value"], {"height": next_state.height}
