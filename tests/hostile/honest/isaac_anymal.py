# After IsaacGymEnvs' Anymal: exponentials of command errors, costs of torque.
import numpy as np

COMMAND = {"vx": 1.0, "vy": 0.0, "yaw": 0.2}
SCALES = {"lin": 1.0, "ang": 0.5, "torque": -0.000025}


def compute_reward(state, action, next_state):
    lin_vel_error = np.sum(np.square(np.array([COMMAND["vx"], COMMAND["vy"]]) - next_state.velocity[:, :2]), axis=1)
    ang_vel_error = np.square(COMMAND["yaw"] - next_state.angular_velocity[:, 2])
    rew_lin_vel_xy = np.exp(-lin_vel_error / 0.25) * SCALES["lin"]
    rew_ang_vel_z = np.exp(-ang_vel_error / 0.25) * SCALES["ang"]
    rew_torque = np.sum(np.square(action), axis=1) * SCALES["torque"]
    total_reward = np.clip(rew_lin_vel_xy + rew_ang_vel_z + rew_torque, 0.0, None)
    return total_reward, {"lin": rew_lin_vel_xy, "ang": rew_ang_vel_z, "torque": rew_torque}
