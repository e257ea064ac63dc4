# Ends the process without an answer.
import os

import numpy as np


def compute_reward(state, action, next_state):
    os._exit(0)
