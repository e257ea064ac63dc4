# Returns an array of one number spread over the batch by a zero stride.
import numpy as np


def compute_reward(state, action, next_state):
    alive = np.broadcast_to(np.array(1.0), next_state.height.shape)
    return next_state.height + alive, {"alive": alive}
