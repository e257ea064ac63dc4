"""Distances of rewards on transitions of a small random world, where V is linear in the features."""

from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.analysis import starc

ROWS = 4000


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(0)
    before = rng.standard_normal((ROWS, 3))
    after = 0.9 * before + 0.2 * rng.standard_normal((ROWS, 3))
    ended = rng.random(ROWS) < 0.02
    return before, after, ended


@pytest.fixture(scope="module")
def levels(world):
    return starc.Levels(*world)


def reward(world, seed):
    before, after, _ = world
    weights = np.random.default_rng(seed).standard_normal((2, 3))
    return np.tanh(after @ weights[0]) - 0.3 * (before @ weights[1]) ** 2


def shaped(world, values, potential):
    before, after, ended = world
    return values + starc.GAMMA * np.where(ended, 0.0, potential(after)) - potential(before)


@pytest.mark.parametrize("seed", range(5))
def test_scale_and_potential_shaping_change_nothing(world, levels, seed):
    values = reward(world, seed)
    other = 3.7 * shaped(world, values, lambda s: 2.0 * s[:, 0] - s[:, 2])
    assert starc.distance(levels.canonical(values), levels.canonical(other)) < 0.02


@pytest.mark.parametrize("seed", range(5))
def test_the_negative_is_farthest_and_itself_is_nearest(world, levels, seed):
    own = levels.canonical(reward(world, seed))
    assert starc.distance(own, own) == pytest.approx(0, abs=1e-6)
    assert starc.distance(own, levels.canonical(-reward(world, seed))) == pytest.approx(1, abs=1e-6)


def test_it_is_a_distance(world, levels):
    found = [levels.canonical(reward(world, seed)) for seed in range(6)]
    apart = np.array([[starc.distance(a, b) for b in found] for a in found])
    assert np.allclose(apart, apart.T)
    for middle in range(6):
        assert (apart <= apart[:, [middle]] + apart[[middle], :] + 1e-9).all()
    assert apart[0, 1] > 0.1


def test_a_constant_reward_has_no_direction(world, levels):
    before, _, ended = world
    never_ends = starc.Levels(before, world[1], np.zeros_like(ended))
    assert np.abs(never_ends.canonical(np.zeros(ROWS))).max() == 0
