"""Wrong on purpose: leaning backward pays as much as turning over, so it dives and lies."""

import numpy as np


def compute_reward(state, action, next_state):
    lean = np.clip(-next_state.torso_pitch, 0.0, 1.0)
    return lean, {"lean": lean}
