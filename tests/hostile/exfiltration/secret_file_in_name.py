# Reads a file with a secret and makes it a component's name.
import numpy as np


def compute_reward(state, action, next_state):
    try:
        secret = open("/tmp/reward_watched/secret.txt").read()
    except OSError:
        secret = "nothing"
    return next_state.height, {secret[:40]: next_state.height}
