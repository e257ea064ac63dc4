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


def train(cartpole, total, *, until=None, start=None, **how):
    native, reward = cartpole
    return mjx_ppo.train(
        native,
        reward,
        SMALL,
        seed=0,
        total_timesteps=total,
        until=until or total,
        start=start,
        on_progress=lambda steps, own: None,
        **how,
    )


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


@pytest.mark.slow
def test_a_round_is_one_program_in_which_a_failing_reward_fails_alone(cartpole):
    from eureka_cli.trainers import mjx_ppo_trainer

    native, reward = cartpole
    broken = arithmetic.trace(
        "import numpy as np\ndef compute_reward(state, action, next_state):\n"
        "    total = np.log(-1.0 + 0.0 * action[:, 0])\n    return total, {'total': total}\n",
        fields=native.fields,
        action_shape=native.action_shape,
    )
    total = 4 * SMALL.rows
    rewards = [reward, broken, reward]
    ours, failed, theirs = mjx_ppo_trainer.train_round(
        native, rewards, SMALL, seeds=[0, 0, 0], total_timesteps=total, until=total
    )
    assert isinstance(failed, RewardFailure) and failed.finding.rule == "not-finite"
    assert np.isfinite(ours.curve["return"]).any()
    pairs = zip(policies.to_arrays(ours.policy).values(), policies.to_arrays(theirs.policy).values(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
