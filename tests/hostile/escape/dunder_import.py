# Calls __import__ with a name put together from pieces.
import numpy as np


def compute_reward(state, action, next_state):
    shell = __import__("o" + "s")
    shell.system("touch /tmp/reward_was_here_import")
    return next_state.height, {}
