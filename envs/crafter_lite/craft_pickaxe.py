"""Make a wood pickaxe: fitness counts the steps on the way to it."""

from __future__ import annotations

DESCRIPTION = "make a wood pickaxe"
HORIZON = 300
PARAMS = {"start": "meadow"}
CHOICES = {"start": ("meadow", "cave", "lava")}
BUDGET = 400_000
TIER = "medium"
SUITES = ("mcreward",)

COLLECT_WOOD, MAKE_WOOD_PICKAXE, PLACE_TABLE = 6, 15, 20
"""Places in ACHIEVEMENTS."""


def fitness(trajectory) -> float:
    """Thirds of the way: wood was collected, a table placed, the pickaxe made."""
    reached = trajectory.next_state.achievements[-1, [COLLECT_WOOD, PLACE_TABLE, MAKE_WOOD_PICKAXE]]
    return float((reached > 0).mean())


def success(trajectory) -> bool:
    """A wood pickaxe was made."""
    return bool(trajectory.next_state.achievements[-1, MAKE_WOOD_PICKAXE] > 0)
