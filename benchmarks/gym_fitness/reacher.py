"""Minus the mean distance, in metres, of fingertip and target over the last 10 steps."""

import numpy as np


def fitness(trajectory) -> float:
    apart = trajectory.next_state.fingertip_body_position - trajectory.next_state.target_body_position
    return -float(np.linalg.norm(apart[-10:, :2], axis=-1).mean())
