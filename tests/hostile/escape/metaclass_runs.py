# Runs code at import through a metaclass that prepares a class body.
import numpy as np


class Meta(type):
    def __prepare__(name, bases):
        open("/tmp/reward_was_here_meta", "w")
        return {}


class Reward(metaclass=Meta):
    pass


def compute_reward(state, action, next_state):
    return next_state.height, {}
