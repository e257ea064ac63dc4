"""Wrong on purpose: the sign of the speed is the other way round."""


def compute_reward(state, action, next_state):
    speed = next_state.forward_velocity
    return speed, {"speed": speed}
