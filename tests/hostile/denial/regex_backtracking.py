# Searches with a pattern that takes exponential time.
import re

import numpy as np


def compute_reward(state, action, next_state):
    re.match("(a+)+$", "a" * 40 + "b")
    return next_state.height, {}
