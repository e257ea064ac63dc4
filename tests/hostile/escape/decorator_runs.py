# Runs a command while the function is being defined, as a decorator.
import numpy as np


@(lambda function: (open("/tmp/reward_was_here_decorator", "w"), function)[1])
def compute_reward(state, action, next_state):
    return next_state.height, {}
