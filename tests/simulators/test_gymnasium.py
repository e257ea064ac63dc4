from __future__ import annotations

import numpy as np
import pytest

from eureka_cli.errors import UsageError
from eureka_cli.simulators import gymnasium


def roll(simulator, chosen):
    return [[np.array(v) for v in (*step.next_state, step.observation)] for step in map(simulator.step, chosen)]


def draw(simulator, steps):
    rng = np.random.default_rng(0)
    if simulator.spaces.discrete:
        return rng.integers(0, simulator.spaces.action_size, (steps, simulator.num_envs))
    return rng.uniform(-1, 1, (steps, simulator.num_envs, simulator.spaces.action_size))


@pytest.mark.parametrize(
    "gym_id", ["CartPole-v1", "Pendulum-v1", "Reacher-v5", "Hopper-v5", "FetchReach-v4", "BipedalWalker-v3"]
)
def test_a_paused_environment_goes_on_bit_for_bit(gym_id):
    whole, fresh = gymnasium.make(gym_id, horizon=None, num_envs=2), gymnasium.make(gym_id, horizon=None, num_envs=2)
    chosen = draw(whole, 90)
    whole.reset(np.arange(2))
    roll(whole, chosen[:60])
    saved = whole.save()
    rest = roll(whole, chosen[60:])
    fresh.restore(saved)
    again = roll(fresh, chosen[60:])
    assert all(
        np.array_equal(a, b) for left, right in zip(rest, again, strict=True) for a, b in zip(left, right, strict=True)
    )


def test_named_joints_bodies_and_sites_become_fields():
    simulator = gymnasium.make("Reacher-v5", horizon=None, num_envs=1)
    state, _ = simulator.reset(np.arange(1))
    tip, target = state.fingertip_body_position, state.target_body_position
    step = simulator.step(np.ones((1, 2)))
    assert tip.shape == target.shape == (1, 3)
    assert not np.array_equal(step.next_state.fingertip_body_position, tip)
    assert set(simulator.describe()) == set(simulator.fields)
    assert "world frame" in simulator.describe()["fingertip_body_position"]


def test_actions_reach_the_environment_in_its_own_units():
    simulator = gymnasium.make("Pendulum-v1", horizon=None, num_envs=2)
    simulator.reset(np.arange(2))
    step = simulator.step(np.array([[1.0], [-5.0]]))
    assert step.action.tolist() == [[2.0], [-2.0]]


def test_time_limits_truncate_and_falls_terminate():
    simulator = gymnasium.make("CartPole-v1", horizon=5, num_envs=1)
    simulator.reset(np.arange(1))
    steps = [simulator.step(np.array([k % 2])) for k in range(5)]
    assert steps[-1].truncated.all()
    assert not steps[-1].terminated.any()


def test_reported_success_is_kept_per_step():
    simulator = gymnasium.make("FetchReach-v4", horizon=None, num_envs=2)
    simulator.reset(np.arange(2))
    simulator.step(np.zeros((2, 4)))
    assert simulator.last_info["is_success"].shape == (2,)


def test_documentation_never_speaks_of_reward():
    for gym_id in ("Reacher-v5", "Hopper-v5", "CartPole-v1", "Pendulum-v1", "LunarLander-v3", "MiniGrid-Empty-5x5-v0"):
        shown = gymnasium.make(gym_id, horizon=None, num_envs=1).shown()
        assert "reward" not in shown.lower()
        assert "def step" not in shown


def test_an_unknown_id_is_one_plain_sentence():
    with pytest.raises(UsageError, match="No environment 'Reachr-v5' is registered"):
        gymnasium.make("Reachr-v5", horizon=None, num_envs=1)
