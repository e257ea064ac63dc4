"""A small Crafter (Hafner 2021): a player on a map of 32 x 32 cells digs, builds and eats. Rules and numbers are those
of the package crafter 1.8.3; zombies, skeletons, arrows, nights, and cows that come and go are left out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any

ACTION_NAMES = (
    "noop move_left move_right move_up move_down do sleep place_stone place_table place_furnace place_plant"
    " make_wood_pickaxe make_stone_pickaxe make_iron_pickaxe make_wood_sword make_stone_sword make_iron_sword"
).split()
ITEMS = (
    "health food drink energy sapling wood stone coal iron diamond"
    " wood_pickaxe stone_pickaxe iron_pickaxe wood_sword stone_sword iron_sword"
).split()
MOST = 9
"""Of any item. The first four begin there, the others at none."""
ACHIEVEMENTS = (
    "collect_coal collect_diamond collect_drink collect_iron collect_sapling collect_stone collect_wood defeat_skeleton"
    " defeat_zombie eat_cow eat_plant make_iron_pickaxe make_iron_sword make_stone_pickaxe make_stone_sword"
    " make_wood_pickaxe make_wood_sword place_furnace place_plant place_stone place_table wake_up"
).split()
KINDS = "edge water grass stone path sand tree lava coal iron diamond table furnace plant cow".split()
"""What a cell can be, by number: the edge of the world, Crafter's materials, and what stands on them."""
EDGE, WATER, GRASS, STONE, PATH, SAND, TREE, LAVA, COAL, IRON, DIAMOND, TABLE, FURNACE, PLANT, COW = range(15)
WALKABLE = (GRASS, PATH, SAND, LAVA)
"""Where the player can go; cows stay off lava."""
COLLECT = {  # what: (tool needed, item received, what is left)
    "tree": (None, "wood", "grass"),
    "stone": ("wood_pickaxe", "stone", "path"),
    "coal": ("wood_pickaxe", "coal", "path"),
    "iron": ("stone_pickaxe", "iron", "path"),
    "diamond": ("iron_pickaxe", "diamond", "path"),
    "water": (None, "drink", "water"),
    "grass": (None, "sapling", "grass"),  # one time in ten
}
SAPLING_CHANCE = 0.1
PLACE = {  # what: (uses, on)
    "stone": ({"stone": 1}, ("grass", "sand", "path", "water", "lava")),
    "table": ({"wood": 2}, ("grass", "sand", "path")),
    "furnace": ({"stone": 4}, ("grass", "sand", "path")),
    "plant": ({"sapling": 1}, ("grass",)),
}
MAKE = {  # what: (uses, what has to stand in one of the eight cells around)
    "wood_pickaxe": ({"wood": 1}, ("table",)),
    "stone_pickaxe": ({"wood": 1, "stone": 1}, ("table",)),
    "iron_pickaxe": ({"wood": 1, "coal": 1, "iron": 1}, ("table", "furnace")),
    "wood_sword": ({"wood": 1}, ("table",)),
    "stone_sword": ({"wood": 1, "stone": 1}, ("table",)),
    "iron_sword": ({"wood": 1, "coal": 1, "iron": 1}, ("table", "furnace")),
}
DAMAGE = {"wood_sword": 2, "stone_sword": 3, "iron_sword": 5}
"""Of a blow, 1 with bare hands; a cow bears 3."""
COW_HEALTH, COW_FOOD, PLANT_FOOD, RIPE = 3, 6, 4, 300

SIZE, PAD = 32, 4
"""Cells of the map a side; cells of edge around it, so that a view never leaves the array."""
WIDE = SIZE + 2 * PAD
COWS = 8
"""At most."""
NEAR = 18
"""Cells (across plus along) within which cows move."""
SEEN_KINDS = (TREE, COW, WATER, STONE, COAL, IRON, DIAMOND, LAVA, TABLE, FURNACE)
UNSEEN = 10.0
"""Distance told of what is not in view."""
STEPS = np.array([[0, 0], [-1, 0], [1, 0], [0, -1], [0, 1]])
"""(x, y) of the first five actions; y counts downwards."""

DT = 0.1
DISCRETE = len(ACTION_NAMES)
GRIDS = {"mountain": (5, 9), "water": (5, 9), "caves": (9,), "trees": (9,), "lava": (9,)}
"""Smooth noise: nodes a side of the grids it is interpolated from."""
NOISE = sum(n * n for nodes in GRIDS.values() for n in nodes) + SIZE * SIZE + 2 * COWS + 2 * SIZE
STEP_NOISE = 1 + 2 * COWS


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began; a step is 0.1 s
    terminated: Array  # (B,) bool, the player died in this step
    health: Array  # (B,) count, 0 to 9; hunger, thirst and tiredness take one now and then, and some ground all of it
    food: Array  # (B,) count, 0 to 9; falls by one every 26 steps, a cow gives 6
    drink: Array  # (B,) count, 0 to 9; falls by one every 21 steps, `do` at water gives 1
    energy: Array  # (B,) count, 0 to 9; falls by one every 31 steps, rises in sleep
    sapling: Array  # (B,) count, of saplings carried
    wood: Array  # (B,) count, of pieces of wood carried
    stone: Array  # (B,) count, of stones carried
    coal: Array  # (B,) count, of pieces of coal carried
    iron: Array  # (B,) count, of pieces of iron carried
    diamond: Array  # (B,) count, of diamonds carried
    pickaxe: Array  # (B,) level, of the best pickaxe carried: 0 none, 1 wood, 2 stone, 3 iron
    sword: Array  # (B,) level, of the best sword carried: 0 none, 1 wood, 2 stone, 3 iron
    cows_eaten: Array  # (B,) count, how often the player could eat a cow since the episode began
    achievements: Array  # (B, 22) count, how often each of ACHIEVEMENTS was reached since the episode began
    lava_death: Array  # (B,) -, 1 where the player died by walking into lava in this step, else 0
    asleep: Array  # (B,) -, 1 while the player sleeps and does not act
    position: Array  # (B, 2) cells, x to the right and y down, each 0 to 31
    facing: Array  # (B, 2) cells, unit step towards the cell in front, on which `do` and `place` act
    facing_kind: Array  # (B,) kind, number in KINDS of what is in front, such as TREE or COW
    view: Array  # (B, 7, 9) kind, numbers in KINDS of the cells around, by row and column; the player is at [3, 4]
    tree_distance: Array  # (B,) cells, across plus along, to the nearest tree in view, which gives wood; 10 if none
    cow_distance: Array  # (B,) cells, to the nearest cow in view, which one can eat; 10 if none
    water_distance: Array  # (B,) cells, to the nearest water in view, 10 if none
    stone_distance: Array  # (B,) cells, to the nearest stone in view, 10 if none
    coal_distance: Array  # (B,) cells, to the nearest coal in view, 10 if none
    iron_distance: Array  # (B,) cells, to the nearest iron in view, 10 if none
    diamond_distance: Array  # (B,) cells, to the nearest diamond in view, 10 if none
    lava_distance: Array  # (B,) cells, to the nearest lava in view, 10 if none
    table_distance: Array  # (B,) cells, to the nearest table in view, 10 if none
    furnace_distance: Array  # (B,) cells, to the nearest furnace in view, 10 if none
    offsets: Array  # (B, 10, 2) cells, (x, y) from the player to the nearest of those ten, in their order; 0 if unseen


class Episode(NamedTuple):
    """What there is, and counters as Crafter keeps them."""

    cells: Array  # (B, WIDE * WIDE) int8, kinds without cows
    planted: Array  # (B, WIDE * WIDE) int16, in which step a plant was set
    cows: Array  # (B, COWS) int, the cell each is on; 0 (a corner of the edge) for those that are no more
    cow_health: Array  # (B, COWS) int
    place: Array  # (B,) int, the cell the player is on
    facing: Array  # (B,) int, 1 to 4: the last direction, a row of STEPS
    items: Array  # (B, 16) int, in the order of ITEMS
    achieved: Array  # (B, 22) int
    asleep: Array  # (B,) bool
    burnt: Array  # (B,) bool, walked into lava
    last_health: Array  # (B,) int
    counters: Array  # (B, 4) float, hunger, thirst, fatigue, recovery
    step: Array  # (B,) int


# ---------------------------------------------------------------- the rules


def advance(xp: Any, episode: Episode, action: Array, u: Array, params: dict[str, Any]) -> Episode:
    """The player acts, then its life goes on, then the cows move one after the other."""
    rows = xp.arange(len(action))
    e = episode._replace(
        cells=episode.cells.copy(), cow_health=episode.cow_health.copy(), items=episode.items.copy(),
        achieved=episode.achieved.copy(), step=episode.step + 1,
    )  # fmt: skip
    rested = e.asleep & (e.items[:, ITEMS.index("energy")] == MOST)
    e.achieved[:, ACHIEVEMENTS.index("wake_up")] += rested
    asleep = e.asleep & ~rested
    action = xp.where(asleep, ACTION_NAMES.index("sleep"), action)
    tired = e.items[:, ITEMS.index("energy")] < MOST
    asleep = asleep | ((action == ACTION_NAMES.index("sleep")) & tired)
    front = e.place + _along(e.facing)
    e, refreshed = _do(xp, e, action, front, u[:, 0])
    e = _build(xp, e, action, front)
    _make(xp, e, action)
    e = _walk(xp, e, action, rows)
    return _cows(xp, _live(xp, e._replace(asleep=asleep), refreshed), u[:, 1:], rows)


def _along(facing: Array) -> Array:
    """Step of a facing within the flat map."""
    return (STEPS[:, 1] * WIDE + STEPS[:, 0])[facing]


def _do(xp: Any, e: Episode, action: Array, front: Array, luck: Array) -> tuple[Episode, Array]:
    """`do`: strike a cow, eat a ripe plant, or collect. Also (B, 2): ate, drank."""
    doing = action == ACTION_NAMES.index("do")
    refreshed = xp.zeros((len(action), 2), bool)
    who = xp.flatnonzero(doing)
    if not len(who):
        return e, refreshed
    items, achieved, cell = e.items[who], e.achieved[who], front[who]
    kind = e.cells[who, cell]
    struck = e.cows[who] == cell[:, None]
    cow = struck.any(1)
    damage = xp.max([1 + 0 * cow] + [(items[:, ITEMS.index(name)] > 0) * n for name, n in DAMAGE.items()], 0)
    e.cow_health[who] -= struck * damage[:, None]
    eaten = cow & (xp.where(struck, e.cow_health[who], COW_HEALTH).min(1) <= 0)
    items[:, ITEMS.index("food")] += eaten * COW_FOOD
    achieved[:, ACHIEVEMENTS.index("eat_cow")] += eaten
    ripe = ~cow & (kind == PLANT) & (e.step[who] - e.planted[who, cell] > RIPE)
    items[:, ITEMS.index("food")] += ripe * PLANT_FOOD
    achieved[:, ACHIEVEMENTS.index("eat_plant")] += ripe
    e = e._replace(planted=_put(e.planted, who[ripe], cell[ripe], e.step[who[ripe]]))
    left = kind.copy()
    for what, (tool, item, remains) in COLLECT.items():
        able = ~cow & (kind == KINDS.index(what))
        able = able if tool is None else able & (items[:, ITEMS.index(tool)] > 0)
        left = xp.where(able, KINDS.index(remains), left)
        found = able & (luck[who] <= SAPLING_CHANCE) if what == "grass" else able
        items[:, ITEMS.index(item)] += found
        achieved[:, ACHIEVEMENTS.index(f"collect_{item}")] += found
    e.cells[who, cell] = left
    e.items[who], e.achieved[who] = items, achieved
    refreshed[who, 0], refreshed[who, 1] = eaten, ~cow & (kind == WATER)
    return e, refreshed


def _put(table: Array, rows: Array, cells: Array, values: Array) -> Array:
    if not len(rows):
        return table
    table = table.copy()
    table[rows, cells] = values
    return table


def _build(xp: Any, e: Episode, action: Array, front: Array) -> Episode:
    """`place_...`: into the cell in front, where nothing stands in the way."""
    for what, (uses, on) in PLACE.items():
        who = xp.flatnonzero(action == ACTION_NAMES.index(f"place_{what}"))
        if len(who):
            cell = front[who]
            able = _has(e, who, uses) & (e.cells[who, cell, None] == [KINDS.index(one) for one in on]).any(1)
            who = who[able & ~(e.cows[who] == cell[:, None]).any(1)]
            e.cells[who, front[who]] = KINDS.index(what)
            _pay(e, who, uses, f"place_{what}")
            if what == "plant":
                e = e._replace(planted=_put(e.planted, who, front[who], e.step[who] + 1))
    return e


def _make(xp: Any, e: Episode, action: Array) -> None:
    """`make_...`: beside a table, and a furnace for iron."""
    for what, (uses, near) in MAKE.items():
        who = xp.flatnonzero(action == ACTION_NAMES.index(f"make_{what}"))
        if len(who):
            around = e.cells[who[:, None], e.place[who, None] + AROUND]
            able = xp.all([(around == KINDS.index(one)).any(1) for one in near], 0)
            who = who[able & _has(e, who, uses)]
            _pay(e, who, uses, f"make_{what}")
            e.items[who, ITEMS.index(what)] += 1


AROUND = np.array([dy * WIDE + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])


def _has(e: Episode, who: Array, uses: dict[str, int]) -> Array:
    enough = [e.items[who, ITEMS.index(name)] >= count for name, count in uses.items()]
    return np.logical_and.reduce(enough)


def _pay(e: Episode, who: Array, uses: dict[str, int], achievement: str) -> None:
    if not len(who):
        return
    for name, count in uses.items():
        e.items[who, ITEMS.index(name)] -= count
    e.achieved[who, ACHIEVEMENTS.index(achievement)] += 1


def _walk(xp: Any, e: Episode, action: Array, rows: Array) -> Episode:
    """`move_...`: face that way, and go there where the cell is free. Lava kills."""
    moving = (action >= 1) & (action <= 4)
    facing = xp.where(moving, action, e.facing)
    target = e.place + _along(facing)
    free = moving & FREE[e.cells[rows, target]] & ~(e.cows == target[:, None]).any(1)
    place = xp.where(free, target, e.place)
    burnt = free & (e.cells[rows, place] == LAVA)
    e.items[:, 0] = xp.where(burnt, 0, e.items[:, 0])
    return e._replace(place=place, facing=facing, burnt=burnt)


FREE = np.isin(np.arange(15), WALKABLE)
FREE_FOR_COWS = FREE & (np.arange(15) != LAVA)


def _live(xp: Any, e: Episode, refreshed: Array) -> Episode:
    """Hunger, thirst, tiredness and what they do to health; asleep all is slower."""
    items, asleep = e.items, e.asleep
    pace = xp.where(asleep, 0.5, 1.0)
    hunger = xp.where(refreshed[:, 0], 0, e.counters[:, 0]) + pace
    thirst = xp.where(refreshed[:, 1], 0, e.counters[:, 1]) + pace
    fatigue = xp.where(asleep, xp.minimum(e.counters[:, 2] - 1, 0), e.counters[:, 2] + 1)
    hungry, thirsty, weary, rested = hunger > 25, thirst > 20, fatigue > 30, fatigue < -10
    items[:, 1] -= hungry
    items[:, 2] -= thirsty
    items[:, 3] += rested
    items[:, 3] -= weary
    well = (items[:, 1] > 0) & (items[:, 2] > 0) & ((items[:, 3] > 0) | asleep)
    recovery = e.counters[:, 3] + xp.where(well, xp.where(asleep, 2, 1), -pace)
    better, worse = recovery > 25, recovery < -15
    items[:, 0] = items[:, 0] + better - worse
    xp.clip(items, 0, MOST, out=items)
    counters = [xp.where(hungry, 0, hunger), xp.where(thirsty, 0, thirst), xp.where(weary | rested, 0, fatigue)]
    counters = xp.stack([*counters, xp.where(better | worse, 0, recovery)], 1)
    asleep = asleep & (items[:, 0] >= e.last_health)
    return e._replace(asleep=asleep, last_health=items[:, 0].copy(), counters=counters)


def _cows(xp: Any, e: Episode, u: Array, rows: Array) -> Episode:
    """Every other step, on average, a cow near the player tries a step in any direction. What is dead goes."""
    cows = xp.where(e.cow_health > 0, e.cows, 0)
    apart = xp.abs(cows // WIDE - e.place[:, None] // WIDE) + xp.abs(cows % WIDE - e.place[:, None] % WIDE)
    wants = (cows > 0) & (u[:, :COWS] < 0.5) & (apart < NEAR)
    targets = cows + _along(1 + (4 * u[:, COWS:]).astype(int))
    wants &= FREE_FOR_COWS[e.cells[rows[:, None], targets]] & (targets != e.place[:, None])
    for k in range(COWS):
        goes = wants[:, k] & ~(cows == targets[:, k : k + 1]).any(1)
        cows[:, k] = xp.where(goes, targets[:, k], cows[:, k])
    e = e._replace(cows=cows)
    if (e.achieved[:, ACHIEVEMENTS.index("place_plant")] > 0).any():
        trodden = (cows[:, :, None] + _along(np.arange(1, 5))) * (cows > 0)[:, :, None]
        who = rows[:, None, None]
        old = e.planted[who, trodden] <= e.step[who]  # one set in this step is safe until the next
        which, _, _ = where = xp.nonzero((e.cells[who, trodden] == PLANT) & old)
        e.cells[which, trodden[where]] = GRASS
    return e


# ---------------------------------------------------------------- what is seen


def read(xp: Any, episode: Episode, time: Array, params: dict[str, Any]) -> State:
    e = episode
    rows = xp.arange(len(time))
    seen = e.cells[rows[:, None], e.place[:, None] + BY_DISTANCE]
    apart = e.cows - e.place[:, None]
    across = e.cows % WIDE - e.place[:, None] % WIDE
    inside = (e.cows > 0) & (xp.abs(across) <= 4) & (xp.abs((apart - across) // WIDE) <= 3)
    row, cow = xp.nonzero(inside)
    seen[row, RANK[(apart - across)[row, cow] // WIDE + 3, across[row, cow] + 4]] = COW
    found = seen[:, None, :] == KIND_COLUMN
    first = found.argmax(2)
    there = found.any(2)
    distance = xp.where(there, DISTANCE[first], UNSEEN)
    front = e.place + _along(e.facing)
    in_front = xp.where((e.cows == front[:, None]).any(1), COW, e.cells[rows, front])
    return State(
        time,
        e.items[:, 0] <= 0,
        *e.items[:, :10].T,
        pickaxe=((e.items[:, 10:13] > 0) * LEVELS).max(1),
        sword=((e.items[:, 13:] > 0) * LEVELS).max(1),
        cows_eaten=e.achieved[:, ACHIEVEMENTS.index("eat_cow")],
        achievements=e.achieved,
        lava_death=e.burnt & (e.items[:, 0] <= 0),
        asleep=e.asleep,
        position=xp.stack([e.place % WIDE - PAD, e.place // WIDE - PAD], 1),
        facing=STEPS[e.facing],
        facing_kind=in_front,
        view=seen[:, RANK.ravel()].reshape(-1, 7, 9),
        **{f"{KINDS[kind]}_distance": distance[:, k] for k, kind in enumerate(SEEN_KINDS)},
        offsets=xp.where(there[:, :, None], OFFSETS[first], 0),
    )


LEVELS = np.arange(1, 4)
OFFSETS = np.array(
    sorted(((x, y) for x in range(-4, 5) for y in range(-3, 4)), key=lambda at: (abs(at[0]) + abs(at[1]), at))
)
"""(63, 2) cells of the view, the nearest first."""
BY_DISTANCE = OFFSETS[:, 1] * WIDE + OFFSETS[:, 0]
DISTANCE = np.abs(OFFSETS).sum(1).astype(float)
RANK = np.array([[OFFSETS.tolist().index([x, y]) for x in range(-4, 5)] for y in range(-3, 4)])
KIND_COLUMN = np.array(SEEN_KINDS, np.int8)[:, None]


def observe(xp: Any, state: State) -> Array:
    """(B, 206): where the view is blocked and where it burns, the nearest of ten kinds, what is in front, and items."""
    view = state.view.reshape(-1, 63)
    kinds = view.astype(int)
    distances = xp.stack([getattr(state, f"{KINDS[kind]}_distance") for kind in SEEN_KINDS], 1)
    items = xp.stack([getattr(state, name) for name in (*ITEMS[:10], "pickaxe", "sword")], 1)
    parts = [
        ~FREE[kinds],
        view == LAVA,
        1 / (1 + distances),
        xp.sign(state.offsets.reshape(-1, 20)),
        state.offsets.reshape(-1, 20) / 4,
        state.facing_kind[:, None] == xp.arange(15),
        state.facing,
        items / MOST,
        state.asleep[:, None],
    ]
    return xp.concatenate(parts, 1, dtype=np.float32)


def terminated(xp: Any, state: State) -> Array:
    """An episode ends early when the player dies: in lava, of hunger, of thirst or of weariness."""
    return state.health <= 0


# ---------------------------------------------------------------- the map


def reset(xp: Any, u: Array, params: dict[str, Any]) -> Episode:
    """A meadow with mountains, or a cave, or a field of lava, and who begins there with what."""
    count = len(u)
    fields, used = {}, 0
    for name, nodes in GRIDS.items():
        fields[name] = 0
        for n in nodes:
            fields[name] = fields[name] + _smooth(xp, u[:, used : used + n * n].reshape(-1, n, n)) / len(nodes)
            used += n * n
    chance = u[:, used : used + SIZE * SIZE].reshape(-1, SIZE, SIZE)
    cow_u = u[:, used + SIZE * SIZE : used + SIZE * SIZE + 2 * COWS]
    track = u[:, -2 * SIZE :]
    inner, start, items = {"meadow": _meadow, "cave": _cave, "lava": _lava}[params["start"]](xp, fields, chance, track)
    cells = xp.zeros((count, WIDE, WIDE), np.int8)
    cells[:, PAD:-PAD, PAD:-PAD] = inner
    cells = cells.reshape(count, -1)
    place = (start[:, 1] + PAD) * WIDE + start[:, 0] + PAD
    at = (cow_u.reshape(count, 2, COWS) * SIZE).astype(int)
    cows = (at[:, 1] + PAD) * WIDE + at[:, 0] + PAD
    far = xp.abs(at - start[:, :, None]).sum(1) > 3
    first = xp.tril(cows[:, :, None] == cows[:, None, :], -1).any(2)
    good = far & ~first & (cells[xp.arange(count)[:, None], cows] == GRASS)
    carried = xp.zeros((count, len(ITEMS)), np.int64)
    carried[:, :4] = MOST
    for name in items:
        carried[:, ITEMS.index(name)] = 1
    zeros = xp.zeros(count, np.int64)
    return Episode(
        cells, xp.zeros_like(cells, np.int16), xp.where(good, cows, 0), xp.full((count, COWS), COW_HEALTH), place,
        zeros + 4, carried, xp.zeros((count, len(ACHIEVEMENTS)), np.int64), zeros > 0, zeros > 0, zeros + MOST,
        xp.zeros((count, 4)), zeros,
    )  # fmt: skip


def _smooth(xp: Any, nodes: Array) -> Array:
    """(B, SIZE, SIZE) of mean 0, interpolated between (B, n, n) uniform nodes."""
    at = xp.linspace(0, nodes.shape[1] - 1 - 1e-9, SIZE)
    whole = at.astype(int)
    part = at - whole
    part = part * part * (3 - 2 * part)
    weights = xp.eye(nodes.shape[1])[whole] * (1 - part)[:, None] + xp.eye(nodes.shape[1])[whole + 1] * part[:, None]
    return 2 * xp.matmul(xp.matmul(weights, nodes), weights.T) - 1


ACROSS, DOWN = np.meshgrid(np.arange(SIZE), np.arange(SIZE))


def _meadow(xp: Any, fields: dict[str, Array], chance: Array, track: Array) -> tuple[Array, Array, tuple[str, ...]]:
    """As Crafter lays its worlds out: grass around the player, then trees, water, and mountains with what is in them."""
    middle = SIZE // 2
    clear = xp.clip(1.2 - xp.hypot(ACROSS - middle, DOWN - middle) / 6, 0, 1)
    mountain = fields["mountain"] - 2 * clear
    water = fields["water"] - 2 * clear
    ground = xp.where((fields["trees"] > 0) & (chance > 0.8), TREE, GRASS)
    ground = xp.where(water > 0.2, SAND, ground)
    ground = xp.where(water > 0.27, WATER, ground)
    cells = xp.where(mountain > 0.12, _rock(xp, fields, chance, mountain > 0.25), ground)
    return cells, xp.full((len(cells), 2), middle), ()


def _rock(xp: Any, fields: dict[str, Array], chance: Array, deep: Array) -> Array:
    """Stone with caves, coal, iron, and deep inside lava and diamonds."""
    rock = xp.where(chance > 0.9, COAL, STONE)
    rock = xp.where(chance > 0.96, IRON, rock)
    rock = xp.where(deep & (chance > 0.99), DIAMOND, rock)
    rock = xp.where(fields["caves"] > 0.3, PATH, rock)
    return xp.where(deep & (fields["lava"] > 0.4), LAVA, rock)


def _cave(xp: Any, fields: dict[str, Array], chance: Array, track: Array) -> tuple[Array, Array, tuple[str, ...]]:
    """All mountain: the player stands in a small hollow with every pickaxe; diamonds lie beyond tunnels and lava."""
    middle = SIZE // 2
    apart = xp.maximum(xp.abs(ACROSS - middle), xp.abs(DOWN - middle))
    rock = xp.where(chance > 0.9, COAL, STONE)
    rock = xp.where(chance > 0.96, IRON, rock)
    rock = xp.where(fields["caves"] > 0.1, PATH, rock)
    rock = xp.where((fields["lava"] > 0.25) & (apart > 2), LAVA, rock)
    rock = xp.where((apart > 4) & (chance > 0.985), DIAMOND, rock)
    rock = xp.where(apart <= 1, PATH, rock)
    return rock, xp.full((len(rock), 2), middle), ("wood_pickaxe", "stone_pickaxe", "iron_pickaxe")


def _lava(xp: Any, fields: dict[str, Array], chance: Array, track: Array) -> tuple[Array, Array, tuple[str, ...]]:
    """A cave with pools of lava from x = 6 to 25; a way around them, a cell or two wide, always exists."""
    turns = xp.cumsum(xp.floor(3 * track[:, :SIZE]) - 1, 1)
    course = xp.clip(SIZE // 2 + turns - turns[:, 6:7], 10, 21)
    beside = xp.minimum(xp.abs(DOWN - course[:, None, :]), xp.abs(DOWN - xp.roll(course, 1, 1)[:, None, :]))
    pools = (fields["lava"] > -0.1) & (chance > 0.25)
    cells = xp.where(pools, LAVA, PATH)
    cells = xp.where((beside <= 0) | (ACROSS < 6) | (ACROSS > 25), PATH, cells)
    cells = xp.where((DOWN < 8) | (DOWN > 23) | (ACROSS < 3) | (ACROSS > 28), STONE, cells)
    return cells, xp.tile(xp.array([[4, SIZE // 2]]), (len(cells), 1)), ()


PALETTE = np.array(
    [
        (0, 0, 0), (60, 110, 220), (100, 170, 70), (120, 120, 120), (180, 165, 130), (225, 210, 140), (30, 95, 40),
        (235, 90, 20), (50, 50, 50), (205, 150, 120), (235, 250, 255), (140, 90, 45), (80, 70, 70), (150, 220, 90),
        (130, 70, 60),
    ],
    np.uint8,
)  # fmt: skip


def paint(xp: Any, state: State) -> Array:
    """(B, 21, 27, 3) colours of the view, three dots a cell; the player is white, and its nose is where it faces."""
    pixels = PALETTE[state.view.astype(int)].repeat(3, 1).repeat(3, 2)
    pixels[:, 9:12, 12:15] = 255
    rows = xp.arange(len(pixels))
    pixels[rows, (10 + state.facing[:, 1]).astype(int), (13 + state.facing[:, 0]).astype(int)] = (200, 30, 30)
    return pixels
