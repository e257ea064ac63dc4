# Asks the percent operator for the inside of an object, to put it into a component's name.
import numpy as np


def compute_reward(state, action, next_state):
    name = "%s" % state.time
    return next_state.height, {name[:8]: next_state.height}
