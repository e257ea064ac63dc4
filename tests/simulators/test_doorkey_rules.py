"""envs/gridworld against MiniGrid's DoorKey, map by map and step for step: skipped where minigrid is not installed."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from eureka_cli import plugins

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("minigrid")
    from minigrid.envs import DoorKeyEnv

OURS = plugins.load_file(Path(__file__).parents[2] / "envs" / "gridworld" / "env.py")
DOOR = {(True, False): OURS.LOCKED, (False, False): OURS.CLOSED, (False, True): OURS.OPEN}


def cells_of(env) -> np.ndarray:
    """MiniGrid's map in our numbers; outside it there is wall."""
    cells = np.full((OURS.SIZE, OURS.SIZE), OURS.WALL)
    plain = {"wall": OURS.WALL, "key": OURS.KEY, "goal": OURS.GOAL}
    for x in range(env.width):
        for y in range(env.height):
            thing = env.grid.get(x, y)
            kind = OURS.EMPTY if thing is None else plain.get(thing.type)
            cells[y, x] = DOOR[thing.is_locked, thing.is_open] if kind is None else kind
    return cells


def episode_of(env):
    """Our Episode at the start of MiniGrid's."""
    cells = cells_of(env)
    (key,), (door,) = np.argwhere(cells == OURS.KEY)[:, ::-1], np.argwhere(cells == OURS.LOCKED)[:, ::-1]
    place = np.array([env.agent_pos])
    return OURS.Episode(cells[None], place, np.array([env.agent_dir]), np.zeros(1, bool), door[None], key[None])


@pytest.mark.parametrize("size", [5, 6, 8])
@pytest.mark.parametrize("seed", range(8))
def test_the_same_actions_lead_through_the_same_states(size, seed):
    rng = np.random.default_rng([size, seed])
    env = DoorKeyEnv(size=size)
    env.reset(seed=seed)
    episode = episode_of(env)
    for step in range(10 * size**2):
        action = int(rng.choice(7, p=[0.15, 0.15, 0.34, 0.12, 0.06, 0.15, 0.03]))
        _, score, terminated, truncated, _ = env.step(action)
        episode = OURS.advance(np, episode, np.array([action]), np.zeros((1, 0)), {"size": size})
        state = OURS.read(np, episode, np.zeros(1), {"size": size})
        assert np.array_equal(state.cells[0], cells_of(env)), step
        assert tuple(state.position[0]) == tuple(env.agent_pos)
        assert tuple(state.heading[0]) == tuple(env.dir_vec)
        assert bool(state.has_key[0]) == (env.carrying is not None)
        assert bool(state.terminated[0]) == terminated
        if terminated:
            assert score == pytest.approx(1 - 0.9 * (step + 1) / (10 * size**2))
            break
    assert terminated or truncated


@pytest.mark.parametrize("size", [5, 6, 8])
def test_maps_are_drawn_from_what_minigrid_draws_from(size):
    """Every wall, door, agent and key that MiniGrid has drawn in 300 maps we draw too, and nothing it could not."""
    ours = OURS.reset(np, np.random.default_rng(0).random((20_000, OURS.NOISE)), {"size": size})
    assert (ours.cells == OURS.KEY).sum() == (ours.cells == OURS.LOCKED).sum() == len(ours.cells)
    assert not (ours.key == ours.place).all(1).any()
    assert set(ours.heading) == {0, 1, 2, 3}
    env, drawn = DoorKeyEnv(size=size), set()
    for seed in range(300):
        env.reset(seed=seed)
        episode = episode_of(env)
        drawn.add((*episode.door[0], *episode.key[0]))
        assert (episode.key[0] != episode.place[0]).any()
    mine = {(*door, *key) for door, key in zip(ours.door, ours.key, strict=True)}
    assert drawn <= mine
    assert {(x, y) for x, y, *_ in mine} == {(x, y) for x, y, *_ in drawn}
