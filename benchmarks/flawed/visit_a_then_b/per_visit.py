"""Wrong on purpose: pays for every visit of A and of B, so going in and out pays most."""


def compute_reward(state, action, next_state):
    a = next_state.a_visits - state.a_visits
    b = next_state.b_visits - state.b_visits
    return a + b, {"a": a, "b": b}
