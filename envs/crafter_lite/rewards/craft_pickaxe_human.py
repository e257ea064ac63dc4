"""The ladder: the first three pieces of wood, the first table, the first pickaxe; and steps towards trees till then."""

import numpy as np

COLLECT_WOOD, MAKE_WOOD_PICKAXE, PLACE_TABLE = 6, 15, 20
ENOUGH = 3
NEARER, TABLE, PICKAXE = 0.1, 2.0, 5.0


def compute_reward(state, action, next_state):
    before, after = state.achievements, next_state.achievements
    wood = np.minimum(after[:, COLLECT_WOOD], ENOUGH) - np.minimum(before[:, COLLECT_WOOD], ENOUGH)
    first = [np.minimum(after[:, k], 1) - np.minimum(before[:, k], 1) for k in (PLACE_TABLE, MAKE_WOOD_PICKAXE)]
    step = np.clip(state.tree_distance - next_state.tree_distance, -1.0, 1.0)
    wanting = (after[:, COLLECT_WOOD] < ENOUGH) & (wood == 0)
    nearer = NEARER * np.where(wanting, step, 0.0)
    table, pickaxe = TABLE * first[0], PICKAXE * first[1]
    return wood + nearer + table + pickaxe, {"wood": wood, "nearer": nearer, "table": table, "pickaxe": pickaxe}
