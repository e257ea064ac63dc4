"""How high the pendulum is held: mean cosine of its angle from upright (observation 0), -1 hanging to 1 upright."""


def fitness(trajectory) -> float:
    return float(trajectory.next_state.observation[:, 0].mean())
