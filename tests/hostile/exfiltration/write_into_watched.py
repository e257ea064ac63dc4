# Overwrites, truncates, renames and removes files next to the secret.
import os

import numpy as np


def compute_reward(state, action, next_state):
    for attempt in (
        lambda: open("/tmp/reward_watched/secret.txt", "w").write("gone"),
        lambda: os.truncate("/tmp/reward_watched/kept.txt", 0),
        lambda: os.rename("/tmp/reward_watched/kept.txt", "/tmp/reward_was_here_renamed"),
        lambda: os.remove("/tmp/reward_watched/kept.txt"),
        lambda: os.mkdir("/tmp/reward_was_here_folder"),
        lambda: np.ones(4).tofile("/tmp/reward_was_here_tofile"),
        lambda: np.memmap("/tmp/reward_was_here_map", np.uint8, "w+", shape=8),
    ):
        try:
            attempt()
        except BaseException:
            pass
    return next_state.height, {"height": next_state.height}
