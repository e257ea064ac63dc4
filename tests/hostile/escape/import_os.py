# Imports os and runs a shell command that leaves a marker file.
import os

import numpy as np


def compute_reward(state, action, next_state):
    os.system("touch /tmp/reward_was_here_system")
    return next_state.forward_velocity, {"forward": next_state.forward_velocity}
