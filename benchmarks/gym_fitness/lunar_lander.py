"""Minus the distance from the pad at the end, and minus one unless both legs stand there."""


def fitness(trajectory) -> float:
    s = trajectory.next_state
    stands = s.leg_1_contact[-1] * s.leg_2_contact[-1]
    return float(-((s.x_position[-1] ** 2 + s.y_position[-1] ** 2) ** 0.5) - (1 - stands))
