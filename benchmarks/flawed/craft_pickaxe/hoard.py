"""Wrong on purpose: wood is needed for the pickaxe, so the more is carried the better; building only costs it."""


def compute_reward(state, action, next_state):
    hoard = 0.1 * next_state.wood
    return hoard, {"hoard": hoard}
