"""Sum of the hull's scaled horizontal speed over the episode, by its limit: distance, and no fall."""


def fitness(trajectory) -> float:
    return float(trajectory.next_state.horizontal_velocity.sum() / trajectory.horizon)
