# Reads attributes by a class pattern, which has no attribute node.
import numpy as np


def compute_reward(state, action, next_state):
    match state:
        case object(__class__=kind):
            found = kind
    return next_state.height + float(len(str(found))), {}
