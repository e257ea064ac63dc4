# After Text2Reward's published PickCube: a mean of squares over the action's length as regularisation.
import numpy as np


def compute_reward(state, action, next_state):
    cube_at_goal = np.linalg.norm(next_state.object_position - next_state.goal_position, axis=1) <= 0.02
    reward = 1 - np.tanh(5 * np.linalg.norm(next_state.position - next_state.object_position, axis=1))
    near = np.linalg.norm(next_state.fingertip_positions.mean(axis=1) - next_state.object_position, axis=1) < 0.05
    reward = reward + 0.25 * near
    placement = 1 - np.tanh(5 * np.linalg.norm(next_state.object_position - next_state.goal_position, axis=1))
    reward = reward + near * placement
    action_reg = -np.sum(np.square(action), axis=-1) / action.shape[-1]
    reward = reward + 0.1 * action_reg
    total = np.where(cube_at_goal, 2.25, reward)
    return total, {"action_reg": 0.1 * action_reg, "placement": near * placement}
