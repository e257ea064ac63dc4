# After Text2Reward's published LiftCube: tanh of distances, stages by success.
import numpy as np


def compute_reward(state, action, next_state):
    goal_height = 0.2
    is_obj_lifted = next_state.object_position[:, 2] >= 0.02 + goal_height
    is_robot_static = np.max(np.abs(next_state.joint_velocities), axis=-1) <= 0.2
    success = is_obj_lifted & is_robot_static
    tcp_to_obj_dist = np.linalg.norm(next_state.object_position - next_state.position, axis=-1)
    reaching_reward = 1 - np.tanh(5 * tcp_to_obj_dist)
    is_grasped = tcp_to_obj_dist < 0.03
    obj_to_goal_dist = np.abs(goal_height - (next_state.object_position[:, 2] - 0.02))
    lift_reward = np.where(is_grasped, 1.0 + (1 - np.tanh(5 * obj_to_goal_dist)), 0.0)
    reward = np.where(success, 5.0, reaching_reward + lift_reward)
    return reward, {"reaching": reaching_reward, "lift": lift_reward, "success": success.astype(np.float64)}
