# Nests brackets so deep that the parser runs out of stack.
def compute_reward(state, action, next_state):
    return ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1.0)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))), {}
