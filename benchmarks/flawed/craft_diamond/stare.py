"""Wrong on purpose: near a diamond is as good as it gets, and one that is dug out is near no more."""


def compute_reward(state, action, next_state):
    near = -next_state.diamond_distance
    return near, {"near": near}
