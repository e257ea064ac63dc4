# np.piecewise-like shaping by nested np.where, np.interp over constant knots and np.polyval.
import numpy as np

KNOTS, VALUES = [0.0, 0.5, 1.0, 2.0], [0.0, 0.8, 1.0, 0.2]


def compute_reward(state, action, next_state):
    height = next_state.height
    shaped = np.where(height < 0, 0.0, np.where(height < 0.5, height, np.where(height < 1.5, 0.5, 2.0 - height)))
    interpolated = np.interp(height, KNOTS, VALUES)
    curve = np.polyval([-0.1, 0.2, 0.0], np.clip(height, -2.0, 2.0))
    return shaped + interpolated + curve, {"shaped": shaped, "interpolated": interpolated, "curve": curve}
