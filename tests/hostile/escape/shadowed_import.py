# Rebinds np to something else by an import alias and uses it as an escape.
import numpy.f2py as np


def compute_reward(state, action, next_state):
    np.os.system("touch /tmp/reward_was_here_alias")
    return next_state.height, {}
