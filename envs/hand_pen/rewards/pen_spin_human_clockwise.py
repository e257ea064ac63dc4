"""After dexterous-gym's PenSpin, in the world's frame, the other way round: spin fast, keep the pen level, do not drop it."""

import numpy as np

LEVEL_WEIGHT = 3.0
DROP = 20.0


def compute_reward(state, action, next_state):
    spin = -next_state.pen_azimuth_rate
    level = -LEVEL_WEIGHT * np.abs(next_state.pen_axis[:, 2])
    drop = np.where(next_state.terminated, -DROP, 0.0)
    return spin + level + drop, {"spin": spin, "level": level, "drop": drop}
