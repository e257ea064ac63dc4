"""DoorKey of MiniGrid (Chevalier-Boisvert et al. 2023): a wall with a locked door stands between the agent and the goal;
the key lies on the agent's side. Maps are drawn and actions work as in MiniGrid-DoorKey; the whole map is seen.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

Array = Any

ACTION_NAMES = "left right forward pickup drop toggle done".split()
EMPTY, WALL, KEY, LOCKED, CLOSED, OPEN, GOAL = range(7)
"""What a cell can be, by number; the middle three are the door."""
HEADINGS = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
"""(x, y) of a step ahead; y counts downwards; turning right is the next one."""
SIZE = 8
"""Cells of a map's array a side; a smaller map leaves the rest wall."""
DT = 0.1
DISCRETE = len(ACTION_NAMES)
NOISE = 5
STEP_NOISE = 0


class State(NamedTuple):
    time: Array  # (B,) s, since the episode began; a step is 0.1 s
    terminated: Array  # (B,) bool, the agent reached the goal in this step
    position: Array  # (B, 2) cells, x to the right and y down: of the agent; the outer wall has 0
    heading: Array  # (B, 2) cells, unit step towards the cell in front of the agent
    key_position: Array  # (B, 2) cells, of the key; the agent's own while it carries it
    door_position: Array  # (B, 2) cells, of the door
    goal_position: Array  # (B, 2) cells, of the goal
    has_key: Array  # (B,) -, 1 while the agent carries the key, else 0
    door_unlocked: Array  # (B,) -, 1 once the door was opened with the key, else 0
    door_open: Array  # (B,) -, 1 while the door is open and can be walked through, else 0
    key_distance: Array  # (B,) cells, across plus along from the agent to the key; 0 while it carries it
    door_distance: Array  # (B,) cells, across plus along from the agent to the door
    goal_distance: Array  # (B,) cells, across plus along from the agent to the goal, walls not counted
    facing_kind: Array  # (B,) kind, of the cell in front: 0 empty, 1 wall, 2 key, 3 locked, 4 closed, 5 open door, 6 goal
    cells: Array  # (B, 8, 8) kind, the whole map by row and column, without the agent


class Episode(NamedTuple):
    cells: Array  # (B, SIZE, SIZE) int, by row and column
    place: Array  # (B, 2) int, (x, y) of the agent
    heading: Array  # (B,) int, a row of HEADINGS
    carries: Array  # (B,) bool
    door: Array  # (B, 2) int
    key: Array  # (B, 2) int, where it lies or last lay


def reset(xp: Any, u: Array, params: dict[str, Any]) -> Episode:
    """Wall, agent, door and key drawn one after the other, as MiniGrid draws them."""
    size, count = int(params["size"]), len(u)
    rows = xp.arange(count)
    split = 2 + (u[:, 0] * (size - 4)).astype(int)
    door = xp.stack([split, 1 + (u[:, 1] * (size - 3)).astype(int)], 1)
    free = (split - 1) * (size - 2)
    agent = (u[:, 2] * free).astype(int)
    key = (u[:, 3] * (free - 1)).astype(int)
    key = key + (key >= agent)
    place, key = (xp.stack([1 + at // (size - 2), 1 + at % (size - 2)], 1) for at in (agent, key))
    cells = xp.full((count, SIZE, SIZE), WALL)
    cells[:, 1 : size - 1, 1 : size - 1] = EMPTY
    cells[rows, :, split] = WALL
    cells[rows, door[:, 1], door[:, 0]] = LOCKED
    cells[rows, key[:, 1], key[:, 0]] = KEY
    cells[:, size - 2, size - 2] = GOAL
    return Episode(cells, place, (u[:, 4] * 4).astype(int), xp.zeros(count, bool), door, key)


def advance(xp: Any, episode: Episode, action: Array, u: Array, params: dict[str, Any]) -> Episode:
    """Turn, go ahead, pick up or drop the key, or open and close the door in front."""
    e, rows = episode, xp.arange(len(action))
    front = e.place + HEADINGS[e.heading]
    kind = e.cells[rows, front[:, 1], front[:, 0]]
    does = {name: action == number for number, name in enumerate(ACTION_NAMES)}
    heading = (e.heading + does["right"] - does["left"]) % 4
    goes = does["forward"] & ((kind == EMPTY) | (kind == OPEN) | (kind == GOAL))
    takes = does["pickup"] & (kind == KEY) & ~e.carries
    leaves = does["drop"] & (kind == EMPTY) & e.carries
    opens = does["toggle"] & ((kind == CLOSED) | ((kind == LOCKED) & e.carries))
    closes = does["toggle"] & (kind == OPEN)
    becomes = xp.select([takes, leaves, opens, closes], [EMPTY, KEY, OPEN, CLOSED], kind)
    cells = e.cells.copy()
    cells[rows, front[:, 1], front[:, 0]] = becomes
    place = xp.where(goes[:, None], front, e.place)
    key = xp.where(leaves[:, None], front, e.key)
    return Episode(cells, place, heading, (e.carries | takes) & ~leaves, e.door, key)


def read(xp: Any, episode: Episode, time: Array, params: dict[str, Any]) -> State:
    e, rows = episode, xp.arange(len(time))
    front = e.place + HEADINGS[e.heading]
    door = e.cells[rows, e.door[:, 1], e.door[:, 0]]
    key = xp.where(e.carries[:, None], e.place, e.key)
    goal = xp.full_like(e.place, int(params["size"]) - 2)
    return State(
        time=time,
        terminated=(e.place == goal).all(1),
        position=e.place,
        heading=HEADINGS[e.heading],
        key_position=key,
        door_position=e.door,
        goal_position=goal,
        has_key=e.carries,
        door_unlocked=door != LOCKED,
        door_open=door == OPEN,
        key_distance=xp.abs(key - e.place).sum(1),
        door_distance=xp.abs(e.door - e.place).sum(1),
        goal_distance=xp.abs(goal - e.place).sum(1),
        facing_kind=e.cells[rows, front[:, 1], front[:, 0]],
        cells=e.cells,
    )


def observe(xp: Any, state: State) -> Array:
    """(B, 210): where the agent, the key and the door are, as ones among zeros; what is ahead; the door."""
    places = [state.position, state.key_position, state.door_position]
    ones = [(at[:, 1] * SIZE + at[:, 0])[:, None] == xp.arange(SIZE * SIZE) for at in places]
    ahead = [(state.heading[:, None] == HEADINGS).all(2), state.facing_kind[:, None] == xp.arange(7)]
    flags = xp.stack([state.has_key, state.door_unlocked, state.door_open], 1)
    apart = [(at - state.position) / SIZE for at in (state.key_position, state.door_position)]
    return xp.concatenate([*ones, *ahead, flags, *apart], 1, dtype=np.float32)


def terminated(xp: Any, state: State) -> Array:
    """An episode ends early when the agent reaches the goal."""
    return state.terminated


PALETTE = np.array(
    [(25, 25, 25), (120, 120, 120), (240, 220, 40), (150, 130, 20), (190, 170, 40), (90, 80, 30), (40, 180, 60)],
    np.uint8,
)


def paint(xp: Any, state: State) -> Array:
    """(B, 24, 24, 3): the map, three dots a cell; the agent is red, with a nose; it is white with the key."""
    pixels = PALETTE[state.cells.astype(int)].repeat(3, 1).repeat(3, 2)
    x, y = (3 * state.position + 1).astype(int).T
    nose_x, nose_y = (3 * state.position + 1 + state.heading).astype(int).T
    rows = xp.arange(len(pixels))
    pixels[rows, y, x] = xp.where(state.has_key[:, None] > 0, 255, np.array([220, 40, 40]))
    pixels[rows, nose_y, nose_x] = (220, 40, 40)
    return pixels
