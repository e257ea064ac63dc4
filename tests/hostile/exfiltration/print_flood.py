# Prints what it sees to whoever reads the standard output.
import sys

import numpy as np


def compute_reward(state, action, next_state):
    print("reward", state.time.tolist())
    sys.stderr.write("reward")
    return next_state.height, {"height": next_state.height}
