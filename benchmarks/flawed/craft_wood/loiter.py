"""Wrong on purpose: near a tree is as good as it gets, whether or not it is cut."""


def compute_reward(state, action, next_state):
    near = -next_state.tree_distance
    return near, {"near": near}
