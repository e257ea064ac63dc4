# After Text2Reward's published TurnFaucet: constants in capitals inside the function, an offset for success.
import numpy as np


def compute_reward(state, action, next_state):
    TARGET_ANGLE = 1.2
    CURRENT = next_state.joint_angles[:, 5]
    turned_on = CURRENT >= TARGET_ANGLE
    reaching_reward = 1 - np.tanh(5 * np.linalg.norm(next_state.object_position - next_state.position, axis=-1))
    turning_reward = 1 - np.tanh(5 * np.maximum(TARGET_ANGLE - CURRENT, 0))
    action_penalty = np.square(action).sum(axis=-1)
    total = reaching_reward + turning_reward - action_penalty * 0.1
    total = np.where(turned_on, total + 5, total)
    return total, {"reaching": reaching_reward, "turning": turning_reward, "action": -0.1 * action_penalty}
