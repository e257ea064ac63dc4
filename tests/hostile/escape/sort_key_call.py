# Has sorted call a forbidden function as its key.
import numpy as np


def compute_reward(state, action, next_state):
    try:
        sorted(["/tmp/reward_watched/secret.txt"], key=open)
    except BaseException:
        pass
    return next_state.height, {"height": next_state.height}
