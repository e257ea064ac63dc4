"""Mean height of the lower link's tip in link lengths: -2 hanging to 2 upright."""


def fitness(trajectory) -> float:
    s = trajectory.next_state
    both = s.cosine_of_theta1 * s.cosine_of_theta2 - s.sine_of_theta1 * s.sine_of_theta2
    return float((-s.cosine_of_theta1 - both).mean())
