# After IsaacGymEnvs' Humanoid: scaled motor efforts, limit costs that grow beyond 0.98.
import numpy as np

MOTOR_EFFORTS = np.array([100.0, 100.0, 200.0, 45.0, 45.0, 200.0])
MAX_MOTOR_EFFORT = 200.0


def compute_reward(state, action, next_state):
    motor_effort_ratio = MOTOR_EFFORTS / MAX_MOTOR_EFFORT
    scaled_cost = 0.25 * (np.abs(next_state.joint_angles) - 0.98) / 0.02
    dof_at_limit_cost = np.sum((np.abs(next_state.joint_angles) > 0.98) * scaled_cost * motor_effort_ratio[np.newaxis, :], axis=-1)
    electricity_cost = np.sum(np.abs(action * next_state.joint_velocities) * motor_effort_ratio[None], axis=-1)
    components = dict(
        progress=next_state.forward_velocity,
        alive=np.full(len(next_state.time), 2.0),
        electricity=-0.05 * electricity_cost,
        limits=-0.1 * dof_at_limit_cost,
        actions=-0.01 * np.sum(np.square(action), axis=-1),
    )
    total = sum(components.values())
    return np.where(next_state.height < 0.8, -1.0, total), components
