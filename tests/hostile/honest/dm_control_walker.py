# After dm_control's walker: standing from height and upright, moving from a speed with a floor of one sixth.
import numpy as np
from reward_math import tolerance

_STAND_HEIGHT = 1.2
_WALK_SPEED = 1


def compute_reward(state, action, next_state):
    standing = tolerance(next_state.height, bounds=(_STAND_HEIGHT, float("inf")), margin=_STAND_HEIGHT / 2)
    upright = (1 + next_state.upright) / 2
    stand_reward = (3 * standing + upright) / 4
    move_reward = tolerance(
        next_state.forward_velocity,
        bounds=(_WALK_SPEED, float("inf")),
        margin=_WALK_SPEED / 2,
        at_margin=0.5,
        sigmoid="linear",
    )
    return stand_reward * (5 * move_reward + 1) / 6, {"stand": stand_reward, "move": move_reward}
