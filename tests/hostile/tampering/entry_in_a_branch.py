# Defines the entry point inside a condition, once like this and once like that.
import numpy as np

if len(str(id(np))) % 2:

    def compute_reward(state, action, next_state):
        return next_state.height, {}

else:

    def compute_reward(state, action, next_state):
        return -next_state.height, {}
