"""crafter_lite against the real Crafter, step for step: skipped where the package is not installed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from eureka_cli import plugins

crafter = pytest.importorskip("crafter")
from crafter import constants, objects  # noqa: E402

LITE = plugins.load_file(Path(__file__).parents[2] / "envs" / "crafter_lite" / "env.py")
MEADOW = np.array(
    [
        list("~~~~~~~~~~~~~~~~"),
        list("~..............~"),
        list("~..T..T...##c..~"),
        list("~.........#cI*.~"),
        list("~..T.....##I*#.~"),
        list("~.......:_#c#I.~"),
        list("~~.....:_#####.~"),
        list("~~~.....__*_I..~"),
        list("~~.....T..#L...~"),
        list("~..T....T..LL..~"),
        list("~..............~"),
        list("~~~~~~~~~~~~~~~~"),
    ]
)
LETTERS = "?~.#_:TLcI*tf"
PLAYER = (6, 5)
COWS = [(4, 3), (5, 8), (8, 3), (3, 9)]


class Chance:
    """What random.uniform and random.randint of an object will say."""

    def __init__(self) -> None:
        self.uniform_says = 0.0
        self.direction = 0

    def uniform(self) -> float:
        return self.uniform_says

    def randint(self, low: int, high: int) -> int:
        return self.direction


class Real:
    """The real Crafter on MEADOW, without rendering, births of animals and chance of its own."""

    def __init__(self, items: dict[str, int], cows: list[tuple[int, int]]) -> None:
        self.env = crafter.Env(area=(32, 32), seed=0)
        self.env._obs = lambda: None
        self.env._balance_chunk = lambda *_: None
        self.env.reset()
        self.player = self.env._player
        world = self.env._world
        for thing in world.objects:
            if thing is not self.player:
                world.remove(thing)
        for x in range(32):
            for y in range(32):
                inside = y < MEADOW.shape[0] and x < MEADOW.shape[1]
                world[x, y] = LITE.KINDS[LETTERS.index(MEADOW[y, x])] if inside else "water"
        world.move(self.player, np.array(PLAYER))
        self.player.random = Chance()
        self.player.inventory.update(items)
        self.cows = [objects.Cow(world, at) for at in cows]
        for cow in self.cows:
            cow.random = Chance()
            world.add(cow)

    def step(self, action: int, u: np.ndarray) -> None:
        self.player.random.uniform_says = u[0]
        for k, cow in enumerate(self.cows):
            cow.random.uniform_says, cow.random.direction = u[1 + k], int(4 * u[1 + LITE.COWS + k])
        self.env.step(action)

    def seen(self) -> dict[str, object]:
        world = self.env._world
        cells = world._mat_map.T.astype(int)
        for thing in world.objects:
            if isinstance(thing, objects.Plant):
                cells[thing.pos[1], thing.pos[0]] = LITE.PLANT
        return {
            "items": [self.player.inventory[name] for name in LITE.ITEMS],
            "achieved": [self.player.achievements[name] for name in LITE.ACHIEVEMENTS],
            "place": list(self.player.pos),
            "facing": list(self.player.facing),
            "asleep": self.player.sleeping,
            "cells": cells.tolist(),
            "cows": [None if cow.removed else list(cow.pos) for cow in self.cows],
        }


class Lite:
    """crafter_lite on the same."""

    def __init__(self, items: dict[str, int], cows: list[tuple[int, int]]) -> None:
        episode = LITE.reset(np, np.full((1, LITE.NOISE), 0.5), {"start": "meadow"})
        cells = np.zeros((LITE.WIDE, LITE.WIDE), np.int8)
        cells[LITE.PAD : -LITE.PAD, LITE.PAD : -LITE.PAD] = LITE.WATER
        for (y, x), letter in np.ndenumerate(MEADOW):
            cells[y + LITE.PAD, x + LITE.PAD] = LETTERS.index(letter)
        episode.items[0] = [items.get(name, 9 if k < 4 else 0) for k, name in enumerate(LITE.ITEMS)]
        herd = [self.flat(at) for at in cows] + [0] * (LITE.COWS - len(cows))
        self.count = len(cows)
        self.episode = episode._replace(
            cells=cells.reshape(1, -1), place=np.array([self.flat(PLAYER)]), cows=np.array([herd])
        )

    @staticmethod
    def flat(at: tuple[int, int]) -> int:
        return (at[1] + LITE.PAD) * LITE.WIDE + at[0] + LITE.PAD

    @staticmethod
    def at(flat: int) -> list[int]:
        return [flat % LITE.WIDE - LITE.PAD, flat // LITE.WIDE - LITE.PAD]

    def step(self, action: int, u: np.ndarray) -> None:
        self.episode = LITE.advance(np, self.episode, np.array([action]), u[None], {})

    def seen(self) -> dict[str, object]:
        e = self.episode
        cells = e.cells[0].reshape(LITE.WIDE, LITE.WIDE)[LITE.PAD : -LITE.PAD, LITE.PAD : -LITE.PAD]
        return {
            "items": e.items[0].tolist(),
            "achieved": e.achieved[0].tolist(),
            "place": self.at(int(e.place[0])),
            "facing": LITE.STEPS[e.facing[0]].tolist(),
            "asleep": bool(e.asleep[0]),
            "cells": cells.tolist(),
            "cows": [self.at(int(cow)) if cow else None for cow in e.cows[0, : self.count]],
        }


def test_names_needs_yields_and_costs_are_crafters():
    assert constants.actions == LITE.ACTION_NAMES
    assert list(constants.items) == LITE.ITEMS
    assert constants.achievements == LITE.ACHIEVEMENTS
    assert constants.materials == LITE.KINDS[1:13]
    assert set(constants.walkable) | {"lava"} == {LITE.KINDS[kind] for kind in LITE.WALKABLE}
    assert all(facts["max"] == LITE.MOST for facts in constants.items.values())
    for what, facts in constants.collect.items():
        tool, item, left = LITE.COLLECT[what]
        assert facts["require"] == ({tool: 1} if tool else {})
        assert (facts["receive"], facts["leaves"]) == ({item: 1}, left)
        assert facts.get("probability", 1) == (LITE.SAPLING_CHANCE if what == "grass" else 1)
    assert {what: (facts["uses"], tuple(facts["where"])) for what, facts in constants.place.items()} == LITE.PLACE
    assert {what: (facts["uses"], tuple(facts["nearby"])) for what, facts in constants.make.items()} == LITE.MAKE


RICH = dict.fromkeys(LITE.ITEMS[4:10], 9) | {"wood_pickaxe": 1, "stone_pickaxe": 1, "iron_pickaxe": 1}
TIRED = {"food": 2, "drink": 2, "energy": 3, "wood": 5}


@pytest.mark.parametrize("items", [{}, RICH, RICH | {"stone_sword": 1}, TIRED], ids=["poor", "rich", "armed", "tired"])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_actions_and_the_same_luck_lead_to_the_same_world(items, seed):
    rng = np.random.default_rng([seed, len(items)])
    cows = COWS if seed % 3 else []
    real, lite = Real(items, cows), Lite(items, cows)
    assert real.seen() == lite.seen()
    odds = np.array([1, 4, 4, 4, 4, 9, 0.3, *[1] * 10])
    for step in range(1500):
        action, u = int(rng.choice(17, p=odds / odds.sum())), rng.random(LITE.STEP_NOISE)
        real.step(action, u)
        lite.step(action, u)
        assert real.seen() == lite.seen(), (step, LITE.ACTION_NAMES[action])
        if real.player.health <= 0:
            assert LITE.read(np, lite.episode, np.zeros(1), {}).terminated[0]
            break


def both(items, cows, *names, luck=0.99):
    """Both worlds after scripted actions, cows standing still."""
    worlds = Real(items, cows), Lite(items, cows)
    for name in names:
        for world in worlds:
            world.step(LITE.ACTION_NAMES.index(name), np.full(LITE.STEP_NOISE, luck))
    assert worlds[0].seen() == worlds[1].seen()
    return dict(zip(LITE.ITEMS, worlds[1].seen()["items"], strict=True)), worlds[1].seen()


def test_stone_needs_a_pickaxe():
    way = ["move_down", "move_right", "move_right", "move_right", "do"]
    assert both({}, [], *way)[0]["stone"] == 0
    assert both({"wood_pickaxe": 1}, [], *way)[0]["stone"] == 1


def test_a_table_costs_wood_and_serves_only_beside_it():
    assert both({"wood": 1}, [], "place_table")[1]["achieved"][LITE.ACHIEVEMENTS.index("place_table")] == 0
    found, _ = both({"wood": 4}, [], "place_table", "make_wood_pickaxe")
    assert (found["wood"], found["wood_pickaxe"]) == (1, 1)
    assert both({"wood": 4}, [], "place_table", "move_up", "make_wood_pickaxe")[0]["wood_pickaxe"] == 0


@pytest.mark.parametrize(("sword", "blows"), [("", 3), ("wood_sword", 2), ("stone_sword", 1), ("iron_sword", 1)])
def test_a_cow_takes_as_many_blows_as_in_crafter(sword, blows):
    items = {"food": 1} | ({sword: 1} if sword else {})
    beside = [(PLAYER[0], PLAYER[1] + 1)]
    assert both(items, beside, *["do"] * (blows - 1))[0]["food"] == 1
    assert both(items, beside, *["do"] * blows)[0]["food"] == 7


def test_lava_kills():
    way = ["move_down"] * 5 + ["move_right"] * 5 + ["move_up"]
    found, seen = both({}, [], *way)
    assert found["health"] == 0
    assert MEADOW[seen["place"][1], seen["place"][0]] == "L"
