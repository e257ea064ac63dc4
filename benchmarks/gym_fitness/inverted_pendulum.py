"""Share of the episode's limit survived."""


def fitness(trajectory) -> float:
    return len(trajectory) / trajectory.horizon
