# Roll, pitch and yaw from a quaternion, unpacked by np.split and by columns.
import numpy as np


def euler(quaternion):
    w, x, y, z = (quaternion[:, k] for k in range(4))
    roll = np.arctan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2.0 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return roll, pitch, yaw


def compute_reward(state, action, next_state):
    roll, pitch, yaw = euler(next_state.orientation)
    level = -np.hypot(roll, pitch)
    heading = np.cos(yaw)
    return level + heading, {"level": level, "heading": heading}
