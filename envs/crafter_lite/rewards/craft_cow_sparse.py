"""One for every cow eaten."""


def compute_reward(state, action, next_state):
    eaten = next_state.cows_eaten - state.cows_eaten
    return eaten, {"eaten": eaten}
