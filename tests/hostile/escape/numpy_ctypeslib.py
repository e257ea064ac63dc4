# Calls system() of the C library through NumPy's ctypes module.
import numpy as np


def compute_reward(state, action, next_state):
    np.ctypeslib.ctypes.CDLL(None).system(b"touch /tmp/reward_was_here_ctypeslib")
    return next_state.height, {}
