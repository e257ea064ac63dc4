# Uses an import that is only there to annotate: typing evaluates a string as code.
import typing

import numpy as np


def compute_reward(state, action, next_state):
    reference = typing.ForwardRef("open('/tmp/reward_was_here_typing', 'w')")
    reference._evaluate(globals(), locals(), frozenset())
    return next_state.height, {}
