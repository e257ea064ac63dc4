"""1 at the goal at once, less the longer it took, 0 where it was not reached: the goal alone ends an episode."""


def fitness(trajectory) -> float:
    return float(trajectory.terminated) * (1 - 0.9 * len(trajectory) / trajectory.horizon)
