# Takes two arguments where three are given.
import numpy as np


def compute_reward(state, action):
    return state.height, {}
