from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from eureka_cli import evaluator, plugins
from eureka_cli.core import Trajectory
from eureka_cli.errors import JobFailed, UsageError
from eureka_cli.simulators import gymnasium, mujoco_batch

ROOT = Path(__file__).parent.parent


@pytest.fixture
def cartpole(tmp_path):
    env = plugins.load_file(ROOT / "envs/cartpole/env.py")
    return lambda n: mujoco_batch.make(env, task=None, params={}, horizon=60, num_envs=n, cache=tmp_path)


def push(observation):
    return np.ones((len(observation), 1))


def test_each_environment_gives_its_first_episode_up_to_its_own_end(cartpole):
    found = evaluator.rollouts(cartpole(6), push, np.arange(6, dtype=np.uint64))
    assert len(found) == 6
    for trajectory in found:
        assert trajectory.terminated
        assert trajectory.next_state.terminated[-1]
        assert not trajectory.next_state.terminated[:-1].any()
        assert np.array_equal(trajectory.next_state.pole_angle[:-1], trajectory.state.pole_angle[1:])
        assert trajectory.state.time[0] == 0
    assert len({len(trajectory) for trajectory in found}) > 1


def test_an_episode_does_not_depend_on_who_is_evaluated_beside_it(cartpole):
    many = evaluator.rollouts(cartpole(4), push, np.array([3, 1, 4, 9], np.uint64))
    alone = evaluator.rollouts(cartpole(1), push, np.array([4], np.uint64))[0]
    assert np.array_equal(many[2].next_state.pole_angle, alone.next_state.pole_angle)


def test_judging_asks_the_tasks_own_code(cartpole):
    found = evaluator.rollouts(cartpole(3), push, np.arange(3, dtype=np.uint64))
    task = SimpleNamespace(fitness=lambda trajectory: len(trajectory), success=lambda trajectory: len(trajectory) > 30)
    score = evaluator.judge(found, task)
    assert score.episodes == tuple(len(trajectory) for trajectory in found)
    assert score.fitness == score.length
    assert "3 ended early by termination" in score.behaviour
    assert score.drops == 1
    assert score.extras == {}
    with pytest.raises(JobFailed, match="finite"):
        evaluator.judge(found, SimpleNamespace(fitness=lambda trajectory: float("nan")))


def test_what_a_task_measures_besides_is_averaged_and_has_to_be_finite(cartpole):
    found = evaluator.rollouts(cartpole(2), push, np.arange(2, dtype=np.uint64))
    task = SimpleNamespace(fitness=len, measures=lambda trajectory: {"far": float(len(trajectory))})
    assert evaluator.judge(found, task).extras == {"far": np.mean([len(trajectory) for trajectory in found])}
    with pytest.raises(JobFailed, match=r"measures.*finite"):
        evaluator.judge(found, SimpleNamespace(fitness=len, measures=lambda trajectory: {"far": float("inf")}))


def test_reported_success_stands_in_for_a_fitness_and_its_absence_is_said():
    world = gymnasium.make("FetchReach-v4", horizon=None, num_envs=2)
    found = evaluator.rollouts(world, lambda o: np.zeros((2, 4)), np.arange(2, dtype=np.uint64))
    assert evaluator.judge(found, None).fitness in (0.0, 0.5, 1.0)
    world = gymnasium.make("Pendulum-v1", horizon=5, num_envs=1)
    found = evaluator.rollouts(world, lambda o: np.zeros((1, 1)), np.arange(1, dtype=np.uint64))
    with pytest.raises(UsageError, match="reports no success"):
        evaluator.judge(found, None)


def test_a_trajectory_of_unequal_lengths_cannot_be_made():
    from collections import namedtuple

    State = namedtuple("State", "time")
    with pytest.raises(ValueError, match="first axis"):
        Trajectory(State(np.zeros(3)), np.zeros(2), State(np.zeros(3)), 0.1, 5, False, True, {})


def test_what_steps_add_sums_to_the_fitness_of_the_episode(cartpole):
    found = evaluator.rollouts(cartpole(3), push, np.arange(3, dtype=np.uint64))
    task = SimpleNamespace(fitness=lambda trajectory: float(np.sum(trajectory.next_state.pole_angle)))
    for trajectory, added in zip(found, evaluator.per_step(found, task), strict=True):
        assert np.allclose(added, trajectory.next_state.pole_angle)


def test_a_fitness_that_is_a_mean_is_spread_evenly(cartpole):
    found = evaluator.rollouts(cartpole(3), push, np.arange(3, dtype=np.uint64))
    task = SimpleNamespace(fitness=lambda trajectory: float(np.mean(2 + trajectory.next_state.pole_angle)))
    for trajectory, added in zip(found, evaluator.per_step(found, task), strict=True):
        assert np.allclose(added, (2 + trajectory.next_state.pole_angle) / len(trajectory))


def test_a_fitness_of_whole_episodes_only_is_said_to_be_one(cartpole):
    found = evaluator.rollouts(cartpole(1), push, np.arange(1, dtype=np.uint64))
    task = SimpleNamespace(fitness=lambda trajectory: trajectory.next_state.pole_angle[9])
    with pytest.raises(JobFailed, match="part of an episode"):
        evaluator.per_step(found, task)
