"""How far up the right-hand hill the car came, m."""


def fitness(trajectory) -> float:
    return float(trajectory.next_state.position_of_the_car_along_the_x_axis.max())
