"""One for every diamond."""

COLLECT_DIAMOND = 1


def compute_reward(state, action, next_state):
    found = next_state.achievements[:, COLLECT_DIAMOND] - state.achievements[:, COLLECT_DIAMOND]
    return found, {"found": found}
