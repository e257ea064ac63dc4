"""Wrong on purpose: lava out of sight counts as lava avoided, so the player stays where there is none."""


def compute_reward(state, action, next_state):
    unseen = 0.1 * next_state.lava_distance
    return unseen, {"unseen": unseen}
