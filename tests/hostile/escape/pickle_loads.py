# Unpickles bytes that run a command when they are read.
import pickle

import numpy as np

PAYLOAD = b"cposix\nsystem\n(S'touch /tmp/reward_was_here_pickle'\ntR."


def compute_reward(state, action, next_state):
    try:
        pickle.loads(PAYLOAD)
    except BaseException:
        pass
    return next_state.height, {"height": next_state.height}
