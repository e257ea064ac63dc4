# Uses getattr with a name that is put together at run time.
import numpy as np


def compute_reward(state, action, next_state):
    save = getattr(np, "sa" + "ve")
    save("/tmp/reward_was_here_getattr", state.time)
    return next_state.height, {}
