"""Balance the pole alone, having learnt it with help."""

from __future__ import annotations

import numpy as np

DESCRIPTION = "balance the pole upright on the cart by pushing the cart left and right along its rail"
HORIZON = 100
PARAMS = {"rung": "helped", "help": 1.0, "gravity": 1.0}
BUDGET = 4_096
TIER = "smoke"
CURRICULA = {
    "help": {
        "start": {"help": 1.0},
        "chunk": 2_048,
        "rank": 4_096,
        "budget": 16_384,
        "trainer": {"native_ppo": {"hidden": 48, "epochs": 4}},
    },
    "gravity": {"start": {"help": 1.0, "gravity": 0.5}, "chunk": 2_048, "rank": 4_096, "budget": 16_384},
}
GOALS = {"alone": {"rung": "alone"}, "light": {"rung": "alone", "gravity": 0.8}}
VARIANTS = {"gravity 0.9": {"gravity": 0.9}, "gravity 1.1": {"gravity": 1.1}}


def fitness(trajectory) -> float:
    """Share of the episode with the pole upright."""
    return float((np.abs(trajectory.next_state.pole_angle) < 0.2).sum() / trajectory.horizon)


def success(trajectory) -> bool:
    return fitness(trajectory) >= 0.9


def measures(trajectory) -> dict[str, float]:
    return {"metres": float(np.abs(np.diff(trajectory.next_state.cart_position)).sum())}


def climb(curriculum: str, params: dict, score) -> dict | None:
    """Half the help while the pole stands half of the time; on its own below a quarter."""
    if params["rung"] == "alone":
        return None
    if score.fitness < 0.5:
        return {}
    if params["help"] < 0.3:
        return {"rung": "alone", "gravity": 1.0}
    return {"help": params["help"] / 2}


def progress(curriculum: str, params: dict) -> float:
    return 1.0 if params["rung"] == "alone" else 0.9 * (1 - params["help"])
