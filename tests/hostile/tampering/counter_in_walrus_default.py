# Keeps a growing dict as the default of its own helper's lambda.
import numpy as np

keep = lambda value, seen={}: seen.update({len(seen): value}) or len(seen)


def compute_reward(state, action, next_state):
    return next_state.height + keep(1.0), {"height": next_state.height}
