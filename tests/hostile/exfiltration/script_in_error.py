# Puts HTML and escape sequences into the text of an exception.
import numpy as np


def compute_reward(state, action, next_state):
    raise ValueError("<script>alert(1)</script>\x1b[2J\x00\u202e")
