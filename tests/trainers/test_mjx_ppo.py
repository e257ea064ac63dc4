"""mjx_ppo: it learns, pauses change nothing, policies leave as the arrays the evaluator acts with."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from eureka_cli import policies, simulators, tasks
from eureka_cli.errors import RewardFailure, UsageError
from eureka_cli.sandbox import arithmetic
from eureka_cli.trainers import mjx_ppo

SMALL = mjx_ppo.Config(num_envs=32, rollout_steps=16, minibatch=128, starts=64)


def test_without_jax_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'reward-synth\[mjx\]'"):
        mjx_ppo.check(SMALL, None)


def test_what_mjx_cannot_compute_is_said_before_anything_is_spent():
    with pytest.raises(UsageError, match="Every episode has a world of its own"):
        mjx_ppo.fits(tasks.find("pen_spin", {"randomise": 1.0}))
    with pytest.raises(UsageError, match="a Gymnasium id has not"):
        mjx_ppo.fits(tasks.from_gymnasium("Reacher-v5", "reach", fitness=None, budget=None))
    mjx_ppo.fits(tasks.find("cartpole_balance"))


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory):
    pytest.importorskip("jax")
    pytest.importorskip("mujoco.mjx")
    task = tasks.find("cartpole_balance")
    cache = tmp_path_factory.mktemp("cache")
    world = {**task.world, "horizon": 60}
    native = simulators.make(world, {**task.paths, "cache": str(cache)}, num_envs=4)
    shapes = {"fields": native.fields, "action_shape": native.action_shape}
    return native, arithmetic.trace(str(tasks.baseline(task, "human")), **shapes)


def train_round(cartpole, rewards, seeds, total, *, until=None, start=None, **how):
    native, _ = cartpole
    return mjx_ppo.train_round(
        native,
        rewards,
        SMALL,
        seeds=seeds,
        total_timesteps=total,
        until=until or total,
        start=start,
        on_progress=lambda steps, own: None,
        **how,
    )


def train(cartpole, total, *, start=None, **how):
    (training,) = train_round(cartpole, [cartpole[1]], [0], total, start=start and [start], **how)
    return training


def test_cartpole_is_learnt(cartpole):
    training = train(cartpole, 40 * SMALL.rows)
    returns = training.curve["return"]
    assert len(training.policies) == 10 and training.steps == 40 * SMALL.rows
    assert np.isfinite(returns).all() and returns[-1] > 1.2 * returns[0]
    native, _ = cartpole
    _, observation = native.reset(np.arange(4, dtype=np.uint64))
    action = policies.act(training.policy, observation)
    assert action.shape == (4, 1) and np.isfinite(action).all()


@pytest.mark.slow
def test_pauses_change_no_byte(cartpole, tmp_path):
    total = 12 * SMALL.rows
    whole, start = train(cartpole, total), None
    for until in (5 * SMALL.rows, total):  # five twelfths: between two checkpoints
        part = train(cartpole, total, until=until, start=start)
        np.savez(tmp_path / "c.npz", **part.checkpoint)
        with np.load(tmp_path / "c.npz", allow_pickle=False) as arrays:
            start = {name: arrays[name] for name in arrays.files}
    assert part.checkpoint.keys() == whole.checkpoint.keys()
    for name, value in whole.checkpoint.items():
        assert np.asarray(value).tobytes() == np.asarray(part.checkpoint[name]).tobytes(), name


def test_in_a_fresh_world_learners_go_on_and_episodes_begin_anew(cartpole):
    total = 12 * SMALL.rows
    first = train(cartpole, total, until=6 * SMALL.rows)
    moved = train(cartpole, total, until=6 * SMALL.rows, start=first.checkpoint, fresh_world=True)
    again = policies.to_arrays(moved.policy)
    assert all(np.array_equal(value, again[name]) for name, value in policies.to_arrays(first.policy).items())
    assert moved.checkpoint["leaf/0"].tobytes() == first.checkpoint["leaf/0"].tobytes()
    differ = [name for name, value in first.checkpoint.items() if not np.array_equal(value, moved.checkpoint[name])]
    assert differ


def traced(cartpole, total):
    code = (
        "import numpy as np\ndef compute_reward(state, action, next_state):\n"
        f"    total = {total}\n    return total, {{'total': total}}\n"
    )
    return arithmetic.trace(code, fields=cartpole[0].fields, action_shape=cartpole[0].action_shape)


@pytest.mark.slow
def test_in_a_round_everybody_learns_what_they_learn_alone_and_fails_alone(cartpole):
    calm = traced(cartpole, "1.0 - action[:, 0] ** 2")
    broken = traced(cartpole, "np.log(-1.0 + 0.0 * action[:, 0])")
    human, total = cartpole[1], 4 * SMALL.rows
    rewards, seeds = [human, broken, calm, human], [0, 0, 1, 1]
    round_ = train_round(cartpole, rewards, seeds, total)
    assert isinstance(round_[1], RewardFailure) and round_[1].finding.rule == "not-finite"
    for k in (0, 2, 3):
        (alone,) = train_round(cartpole, [rewards[k]], [seeds[k]], total)
        ours = policies.to_arrays(round_[k].policy)
        for name, value in policies.to_arrays(alone.policy).items():
            assert np.allclose(ours[name], value, rtol=1e-3, atol=1e-4), (k, name)
        for name, values in alone.curve.items():
            assert np.allclose(round_[k].curve[name], values, rtol=1e-3, atol=1e-3, equal_nan=True), (k, name)


@pytest.mark.slow
def test_who_leaves_a_round_goes_on_in_another(cartpole):
    human, total = cartpole[1], 4 * SMALL.rows
    whole, _ = train_round(cartpole, [human, human], [0, 1], total)
    first, _ = train_round(cartpole, [human, human], [0, 1], total, until=2 * SMALL.rows)
    (second,) = train_round(cartpole, [human], [0], total, start=[first.checkpoint])
    ours = policies.to_arrays(second.policy)
    assert second.checkpoint.keys() == whole.checkpoint.keys()
    for name, value in policies.to_arrays(whole.policy).items():
        assert np.allclose(ours[name], value, rtol=1e-3, atol=1e-4), name
