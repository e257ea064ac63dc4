"""MJX against the native simulator: from equal starts, in float64, the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from test_mjx_models import SAME

from eureka_cli import simulators, tasks

jax = pytest.importorskip("jax")
pytest.importorskip("mujoco.mjx")

SMOOTH = 1e-9
"""Over 10 steps: both engines solve the same equations to the last digits."""
TOUCH = 1e-6
"""Contacts amplify what the solvers leave undone."""


@pytest.fixture
def exact():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def both(name, tmp_path, num_envs=3, horizon=6):
    from eureka_cli.simulators.mjx import MjxBatch

    task = tasks.find(name)
    world = {**task.world, "horizon": horizon}
    paths = {**task.paths, "cache": str(tmp_path)}
    return (
        simulators.make(world, paths, num_envs=num_envs),
        MjxBatch(simulators.make(world, paths, num_envs=num_envs)),
    )


def apart(a, b) -> float:
    return max(float(np.max(np.abs(np.asarray(x, float) - np.asarray(y, float)))) for x, y in zip(a, b, strict=True))


def compare(name, tmp_path, tolerance, steps=10):
    """States, observations and endings over whole episodes and their restarts."""
    native, mjx = both(name, tmp_path)
    seeds = np.arange(3, dtype=np.uint64) + 7
    (state, observation), (other, seen) = native.reset(seeds), mjx.reset(seeds)
    assert apart(state, other) == 0 and apart([observation], [seen]) < 1e-6
    rng = np.random.default_rng(0)
    restarts = 0
    for _ in range(steps):
        action = rng.uniform(-1.5, 1.5, (3, *native.action_shape))
        a, b = native.step(action), mjx.step(action)
        assert apart(a.state, b.state) < tolerance
        assert apart(a.next_state, b.next_state) < tolerance
        assert apart([a.action], [b.action]) == 0
        assert apart([a.observation, a.final_observation], [b.observation, b.final_observation]) < max(tolerance, 1e-5)
        assert np.array_equal(a.terminated, b.terminated) and np.array_equal(a.truncated, b.truncated)
        restarts += int((a.terminated | a.truncated).sum())
    assert restarts >= 3


@pytest.mark.usefixtures("exact")
def test_cartpole_is_the_same_on_both_engines(tmp_path):
    compare("cartpole_balance", tmp_path, SMOOTH)


@pytest.mark.slow
@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("name", [name for name in SAME if name != "cartpole_balance"])
def test_every_task_said_to_be_the_same_is(name, tmp_path):
    compare(name, tmp_path, TOUCH if "cheetah" in name else SMOOTH)


@pytest.mark.usefixtures("exact")
def test_a_restored_batch_goes_on_alike(tmp_path):
    _, mjx = both("cartpole_balance", tmp_path)
    mjx.reset(np.arange(3, dtype=np.uint64))
    actions = np.random.default_rng(1).uniform(-1, 1, (8, 3, 1))
    for action in actions[:4]:
        mjx.step(action)
    saved = mjx.save()
    first = [mjx.step(action).observation for action in actions[4:]]
    mjx.restore(saved)
    assert all(np.array_equal(a, mjx.step(action).observation) for a, action in zip(first, actions[4:], strict=True))
