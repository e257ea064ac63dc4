"""Subgoals: taking the key, opening the door, reaching the goal; and steps towards what comes next."""

import numpy as np

NEARER = 0.05
EACH = 1.0
GOAL = 3.0


def next_distance(state):
    """Cells to the key, then to the door, then to the goal."""
    ahead = np.where(state.door_open > 0, state.goal_distance, state.door_distance)
    return np.where((state.has_key > 0) | (state.door_unlocked > 0), ahead, state.key_distance)


def compute_reward(state, action, next_state):
    key = EACH * (next_state.has_key - state.has_key)
    key = np.where(state.door_unlocked > 0, 0.0, key)
    door = EACH * (next_state.door_unlocked - state.door_unlocked)
    opened = 0.1 * (next_state.door_open - state.door_open)
    goal = GOAL * next_state.terminated
    same = (state.has_key == next_state.has_key) & (state.door_open == next_state.door_open)
    nearer = NEARER * np.where(same, next_distance(state) - next_distance(next_state), 0.0)
    return key + door + opened + goal + nearer, {
        "key": key,
        "door": door,
        "opened": opened,
        "goal": goal,
        "nearer": nearer,
    }
