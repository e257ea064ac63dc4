"""Wrong on purpose: any spin counts, whichever way, so trembling pays."""

import numpy as np


def compute_reward(state, action, next_state):
    wobble = np.abs(next_state.pen_azimuth_rate)
    return wobble, {"wobble": wobble}
