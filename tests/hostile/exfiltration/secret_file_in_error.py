# Reads a file with a secret and tells it in the text of an exception.
import numpy as np


def compute_reward(state, action, next_state):
    secret = open("/tmp/reward_watched/secret.txt").read()
    raise ValueError(secret)
