# Reshapes where it should transpose, which mixes rows.
import numpy as np


def compute_reward(state, action, next_state):
    columns = next_state.position.reshape(3, -1)
    total = columns[0] + columns[2]
    return total, {"total": total}
