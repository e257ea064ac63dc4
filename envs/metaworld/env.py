"""Meta-World v3 (Yu et al. 2019; McLean et al. 2025): a Sawyer arm, its hand moved along x, y and z, before one object.

Any of its tasks: a task file names one in KWARGS. Twenty of the places an object may stand at, in place of MT1's fifty,
are made in a third of the time; which of them it is, an episode's seed says.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Array = Any

GYMNASIUM = "Meta-World/MT1"
KWARGS = {"num_goals": 20}
AWAY = {
    "SawyerDrawerOpenEnvV3": (0.0, -0.17, 0.09),
    "SawyerButtonPressEnvV3": (0.0, -0.193, 0.0),
    "SawyerDoorUnlockEnvV3": (-0.01, -0.04, -0.09),
    "SawyerDoorCloseEnvV3": (-0.292141, -0.475721, 0.000036),
}
"""m: from the fixed part, whose place Meta-World notes, to the object that moves, as an episode begins."""


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began
    terminated: Array  # (B,) bool, never: episodes last until they are cut off
    hand_position: Array  # (B, 3) m, world frame: of the hand, above the fingers; x is right, y away from the arm, z up
    gripper_position: Array  # (B, 3) m, world frame: midway between the tips of the two fingers
    left_pad_position: Array  # (B, 3) m, world frame: of the pad inside the finger with the larger y
    right_pad_position: Array  # (B, 3) m, world frame: of the pad inside the finger with the smaller y
    gripper_opening: Array  # (B,) -, how far the fingers are apart, 0 closed to 1 open
    object_position: Array  # (B, 3) m, world frame: of what is to be moved: the handle, button, lock or puck
    object_orientation: Array  # (B, 4) -, quaternion wxyz of that object; zeros for windows, pressed handles, drawer closing
    goal_position: Array  # (B, 3) m, world frame: where that object is to be; the same for a whole episode
    initial_gripper_position: Array  # (B, 3) m, world frame: gripper_position as the episode began
    initial_object_position: Array  # (B, 3) m, world frame: object_position as the episode began


def read(env: Any, observation: Any) -> dict[str, Any]:
    """Hand, opening and object as the policy sees them; goal and beginning as the environment keeps them."""
    began = _beginning(env)
    unseen = env.curr_path_length == 0 and hasattr(env, "window_handle_pos_init")  # a window is slid after it is looked at
    turned_last = "Rotation" in env._get_quat_objects.__code__.co_names  # SciPy's order, xyzw; MuJoCo's is wxyz
    return {
        "hand_position": observation[0:3],
        "gripper_position": env.tcp_center,
        "left_pad_position": env.data.body("leftpad").xpos,
        "right_pad_position": env.data.body("rightpad").xpos,
        "gripper_opening": observation[3],
        "object_position": began if unseen else observation[4:7],
        "object_orientation": observation[[10, 7, 8, 9]] if turned_last else observation[7:11],
        "goal_position": env._target_pos,  # in the observation it is clipped
        "initial_gripper_position": env.init_tcp,
        "initial_object_position": began,
    }


def _beginning(env: Any) -> Array:
    """(3,) m: where the object is as the episode begins."""
    for name in ("window_handle_pos_init", "_handle_init_pos"):
        if hasattr(env, name):
            return getattr(env, name)
    return env.obj_init_pos + AWAY.get(type(env).__name__, (0.0, 0.0, 0.0))
