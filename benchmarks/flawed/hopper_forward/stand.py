"""Wrong on purpose: standing high is all that pays, so it never sets off."""


def compute_reward(state, action, next_state):
    high = next_state.torso_position[:, 2]
    return high, {"high": high}
