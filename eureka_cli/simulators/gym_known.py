"""Observations that their packages document in no table: read from the sources of gymnasium 1.x and metaworld 3.0.

A test holds each against the running simulator where it can be asked for the same quantity.
"""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """Some numbers of an observation vector."""

    name: str
    first: int
    size: int
    unit: str
    meaning: str


def _numbers(*rows: tuple[str, str, str]) -> tuple[Known, ...]:
    return tuple(Known(name, k, 1, unit, meaning) for k, (name, unit, meaning) in enumerate(rows))


_LANDER = _numbers(
    ("x_position", "-", "of the lander from the pad's middle, in half widths of the view; positive is right"),
    ("y_position", "-", "of the lander above the pad, 0 standing on it, in half heights of the view; up"),
    ("x_velocity", "-", "of the lander, scaled; positive is right"),
    ("y_velocity", "-", "of the lander, scaled; positive is up"),
    ("angle", "rad", "of the lander from upright; positive is counter-clockwise"),
    ("angular_velocity", "-", "of the lander, 0.4 times rad/s; positive is counter-clockwise"),
    ("leg_1_contact", "-", "1 where the leg on the right (+x) touches the ground, else 0"),
    ("leg_2_contact", "-", "1 where the leg on the left touches the ground, else 0"),
)
_WALKER = (
    *_numbers(
        ("hull_angle", "rad", "of the hull from level; positive is counter-clockwise"),
        ("hull_angular_velocity", "-", "of the hull, 0.04 times rad/s"),
        ("horizontal_velocity", "-", "of the hull, scaled; positive is ahead"),
        ("vertical_velocity", "-", "of the hull, scaled; positive is up"),
        ("hip_1_angle", "rad", "of the first leg's hip joint"),
        ("hip_1_speed", "-", "of the first leg's hip joint, in units of the motor's most"),
        ("knee_1_angle", "rad", "of the first leg's knee joint, 1 rad added"),
        ("knee_1_speed", "-", "of the first leg's knee joint, in units of the motor's most"),
        ("leg_1_contact", "-", "1 where the first leg's lower part touches the ground, else 0"),
        ("hip_2_angle", "rad", "of the second leg's hip joint"),
        ("hip_2_speed", "-", "of the second leg's hip joint, in units of the motor's most"),
        ("knee_2_angle", "rad", "of the second leg's knee joint, 1 rad added"),
        ("knee_2_speed", "-", "of the second leg's knee joint, in units of the motor's most"),
        ("leg_2_contact", "-", "1 where the second leg's lower part touches the ground, else 0"),
    ),
    Known("lidar", 14, 10, "-", "share of its range that each of ten rays sees, from straight down to nearly ahead"),
)
_SAWYER = (
    Known("hand_position", 0, 3, "m", "world frame: of the hand, the end effector; z is up"),
    Known("gripper_opening", 3, 1, "-", "how far the fingers are apart, 0 closed to 1 open"),
    Known("object_position", 4, 3, "m", "world frame: of the object to be moved; z is up"),
    Known("object_orientation", 7, 4, "-", "world frame: of that object, a quaternion as the environment orders it"),
    Known("second_object_position", 11, 3, "m", "world frame: of a second object; zeros where there is none"),
    Known("second_object_orientation", 14, 4, "-", "world frame: of a second object; zeros where there is none"),
    Known("goal_position", 36, 3, "m", "world frame: where the object or the hand is to be; zeros where it is hidden"),
)
KNOWN: dict[str, tuple[int, tuple[Known, ...]]] = {
    "gymnasium.envs.box2d.lunar_lander.LunarLander": (8, _LANDER),
    "gymnasium.envs.box2d.bipedal_walker.BipedalWalker": (24, _WALKER),
    "metaworld.sawyer_xyz_env.SawyerXYZEnv": (39, _SAWYER),
}
"""Class (or one it derives from) to the size of its observation and what is in it."""


AGES = ("gymnasium.envs.box2d.bipedal_walker.BipedalWalker",)
"""Classes whose episodes depend on those before, whatever the seed: one Box2D world serves all their resets."""


def ages(kind: type) -> bool:
    """Whether an environment has to be made anew for every episode, for its seed to decide all of it."""
    return any(f"{base.__module__}.{base.__qualname__}" in AGES for base in kind.__mro__)


def known(kind: type, size: int) -> tuple[Known, ...]:
    """What is known of a class's observation of this size; nothing of a wrapped one of another size."""
    for base in kind.__mro__:
        found = KNOWN.get(f"{base.__module__}.{base.__qualname__}")
        if found is not None and found[0] == size:
            return found[1]
    return ()
