"""Wrong on purpose: hovering at the right height pays, wherever above the ground."""


def compute_reward(state, action, next_state):
    apart = next_state.position[:, 2] - next_state.target_position[:, 2]
    high = 1.0 / (1.0 + apart * apart)
    return high, {"high": high}
