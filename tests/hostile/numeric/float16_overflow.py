# Computes in half precision, which ends at 65504.
import numpy as np


def compute_reward(state, action, next_state):
    speed = np.sum(np.square(next_state.joint_velocities), axis=-1).astype("float16")
    total = speed * speed * 100
    return total, {"speed": total}
