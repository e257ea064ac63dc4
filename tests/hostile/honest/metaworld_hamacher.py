# After Meta-World's pick-place: the Hamacher product of caging and placing.
import numpy as np
import reward_math


def hamacher_product(a, b):
    """a and b in [0, 1]; returns their Hamacher product, zero where both are."""
    denominator = a + b - (a * b)
    return np.where(denominator > 0, a * b / np.where(denominator > 0, denominator, 1.0), 0.0)


def compute_reward(state, action, next_state):
    obj_to_target = np.linalg.norm(next_state.object_position - next_state.goal_position, axis=-1)
    tcp_to_obj = np.linalg.norm(next_state.object_position - next_state.position, axis=-1)
    in_place = reward_math.tolerance(obj_to_target, bounds=(0, 0.05), margin=0.5, sigmoid="long_tail")
    grasped = reward_math.tolerance(tcp_to_obj, bounds=(0, 0.01), margin=0.2)
    both = hamacher_product(grasped, in_place)
    reward = both + np.where((tcp_to_obj < 0.02) & (action[:, -1] > 0), 1.0 + 5.0 * in_place, 0.0)
    reward = np.where(obj_to_target < 0.05, 10.0, reward)
    return reward, {"in_place": in_place, "grasped": grasped, "both": both}
