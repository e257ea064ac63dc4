"""The same maths under the name that IsaacGymEnvs has for it."""

from isaacgym.torch_utils import *  # noqa: F403
