"""Metres along +x by the time of a whole episode, m/s."""


def fitness(trajectory) -> float:
    x = trajectory.next_state.rootx_position
    return float((x[-1] - trajectory.state.rootx_position[0]) / (trajectory.horizon * trajectory.dt))
