"""Wrong on purpose: near a cow is as good as it gets, and a cow that is eaten is near no more."""


def compute_reward(state, action, next_state):
    near = -next_state.cow_distance
    return near, {"near": near}
