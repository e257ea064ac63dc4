"""Turn backward quickly; falling costs more than a turn is worth."""

import numpy as np

FASTEST, FALL = 10.0, 200.0


def compute_reward(state, action, next_state):
    spin = np.clip(-next_state.pitch_rate, -FASTEST, FASTEST)
    fall = np.where(next_state.terminated, -FALL, 0.0)
    return spin + fall, {"spin": spin, "fall": fall}
