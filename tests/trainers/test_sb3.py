"""Stable-Baselines3 behind our seam: same numbers as on its own, pauses that change nothing, actors as arrays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from gymnasium.spaces import Box
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnvWrapper, VecNormalize
from worlds import Copy, copying

from eureka_cli import policies
from eureka_cli.errors import UsageError
from eureka_cli.trainers import sb3
from eureka_cli.trainers.sb3_env import RecordingEnv

SMALL = {
    "ppo": {"options": {"batch_size": 16, "n_epochs": 2, "policy_kwargs": {"net_arch": [8, 8]}}},
    "sac": {"options": {"learning_starts": 40, "batch_size": 16, "policy_kwargs": {"net_arch": [8, 6]}}},
    "td3": {"options": {"learning_starts": 40, "batch_size": 16, "policy_kwargs": {"net_arch": [8, 6]}}},
    "dqn": {"options": {"learning_starts": 40, "batch_size": 16, "policy_kwargs": {"net_arch": [8]}}},
}


def made(algorithm: str, **settings) -> sb3.Config:
    return sb3.Config(algorithm=algorithm, num_envs=4, rollout_steps=8, **{**SMALL[algorithm], **settings})


def train(config, *, total, until=None, start=None, seed=0, world=None, fresh_world=False):
    return sb3.train(
        world or Copy(config.num_envs, discrete=config.algorithm == "dqn"),
        copying,
        config,
        seed=seed,
        total_timesteps=total,
        until=until or total,
        start=start,
        on_progress=lambda steps, own: None,
        fresh_world=fresh_world,
    )


@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("algorithm", list(SMALL))
def test_pauses_change_no_byte(algorithm, normalize, tmp_path):
    config = made(algorithm, normalize=normalize)
    whole = train(config, total=640)
    start = None
    for until in (100, 320, 640):
        part = train(config, total=640, until=until, start=start)
        np.savez(tmp_path / "c.npz", **part.checkpoint)
        with np.load(tmp_path / "c.npz", allow_pickle=False) as arrays:
            start = {name: arrays[name] for name in arrays.files}
    assert part.checkpoint.keys() == whole.checkpoint.keys()
    for name, value in whole.checkpoint.items():
        assert np.asarray(value).tobytes() == np.asarray(part.checkpoint[name]).tobytes(), name
    assert sorted(part.policies) == list(range(10))
    other = train(config, total=640, seed=1)
    assert policies.to_arrays(other.policies[9])["w0"].tobytes() != policies.to_arrays(part.policies[9])["w0"].tobytes()


@pytest.mark.parametrize("algorithm", list(SMALL))
def test_the_actor_that_leaves_acts_as_the_one_that_was_trained(algorithm):
    config = made(algorithm)
    learner = sb3.Learner(Copy(4, discrete=algorithm == "dqn"), config, 0, 640)
    for k in range(8):
        seen = learner.collect()
        learner.learn(seen, copying(seen.rollout, None), 1 - k / 8)
    observation = np.random.default_rng(0).uniform(-2, 2, (50, 1)).astype(np.float32)
    normalize = learner._model.get_vec_normalize_env()
    theirs, _ = learner._model.predict(normalize.normalize_obs(observation), deterministic=True)
    ours = policies.act(learner.policy(), observation)
    assert np.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("algorithm", ["ppo", "sac", "td3", "dqn"])
def test_it_learns_to_copy_what_it_sees(algorithm):
    fast = {"learning_rate": 3e-3, "gamma": 0.9}
    if algorithm != "ppo":
        fast |= {"learning_starts": 200, "batch_size": 64}
    config = sb3.Config(algorithm=algorithm, num_envs=8, rollout_steps=8 if algorithm != "ppo" else 64, options=fast)
    total = 20_000 if algorithm == "ppo" else 2_000
    training = train(config, total=total)
    returns = training.curve["return"]
    assert returns[-1] > 0.5 * returns[0]


@pytest.mark.parametrize("algorithm", list(SMALL))
def test_in_a_fresh_world_the_learner_goes_on_and_episodes_begin_anew(algorithm):
    config = made(algorithm)
    first = train(config, total=640, until=320)

    def other_world():
        return Copy(config.num_envs, horizon=5, discrete=algorithm == "dqn")

    moved = [
        train(config, total=640, start=first.checkpoint, world=other_world(), fresh_world=True).checkpoint
        for _ in range(2)
    ]
    assert all(np.asarray(value).tobytes() == np.asarray(moved[1][name]).tobytes() for name, value in moved[0].items())
    learner = sb3.Learner(other_world(), config, 0, 640)
    learner.restore(first.checkpoint, fresh_world=True)
    kept = learner.save()
    for name, value in first.checkpoint.items():
        if name.startswith("model:p/") or name.startswith("model:replay/"):
            assert np.asarray(value).tobytes() == np.asarray(kept[name]).tobytes(), name
    assert kept["env:fresh"].all() and not kept["tally:length"].any()


class RewardedCopy(VecEnvWrapper):
    """The same world as plain Stable-Baselines3 has it: the reward comes with the step."""

    def __init__(self, venv):
        super().__init__(venv)

    def reset(self):
        return self.venv.reset()

    def step_wait(self):
        observation, _, done, infos = self.venv.step_wait()
        env = self.venv
        t = env._at - 1
        miss = copying(
            type(
                "R", (), {"state": {k: v[t : t + 1] for k, v in env._before.items()}, "action": env._action[t : t + 1]}
            ),
            None,
        ).total[0]
        if env._at == len(env._ended):
            env.clear()
        return observation, miss.astype(np.float32), done, infos


def test_rewards_after_the_rollout_are_plain_stable_baselines3():
    """PPO with VecNormalize, ten rollouts: the weights of both agree."""
    config = made("ppo")
    ours = train(config, total=320)
    seeds = np.random.SeedSequence([0, 1]).generate_state(4, np.uint64)
    env = VecNormalize(RewardedCopy(RecordingEnv(Copy(4), 8, seeds)))
    plain = PPO("MlpPolicy", env, n_steps=8, seed=0, device="cpu", **config.options)
    plain.learn(320)
    actor = [*plain.policy.mlp_extractor.policy_net, plain.policy.action_net]
    dense = [module for module in actor if isinstance(module, torch.nn.Linear)]
    for layer, weight in zip(dense, ours.policies[9].weights, strict=True):
        assert np.allclose(layer.weight.detach().numpy().T, weight, atol=1e-5)


def test_rewards_are_in_the_replay_buffer_before_it_is_sampled():
    learner = sb3.Learner(Copy(4), made("sac", options={"learning_starts": 40, "buffer_size": 48 * 4}), 0, 640)
    for k in range(10):  # the buffer wraps around
        seen = learner.collect()
        learner.learn(seen, copying(seen.rollout, None), 1 - k / 20)
    buffer = learner._model.replay_buffer
    target, action = buffer.observations[..., 0], buffer.actions[..., 0]
    assert np.allclose(buffer.rewards, -np.abs(action - target), atol=1e-5)


def test_what_does_not_fit_is_said_before_training():
    with pytest.raises(UsageError, match="does not fit choices"):
        sb3.check(made("sac"), True)
    with pytest.raises(UsageError, match="does not fit continuous"):
        sb3.check(made("dqn"), False)
    with pytest.raises(UsageError, match=r"trainer\.options do not fit ppo"):
        train(made("ppo", options={"batch_size": 16, "learning_rates": 1}), total=64)
    with pytest.raises(UsageError, match="elu between its layers"):
        train(made("ppo", options={"batch_size": 16, "policy_kwargs": {"activation_fn": torch.nn.ELU}}), total=64)
    with pytest.raises(UsageError, match="n_steps is set by"):
        sb3.check(made("ppo", options={"n_steps": 5}), None)
    assert sb3.Config(algorithm="sac", num_envs=4).rollout_steps == 16


def test_spaces_are_as_the_simulator_has_them():
    env = RecordingEnv(Copy(4), 8, np.arange(4))
    assert isinstance(env.action_space, Box) and env.action_space.shape == (1,)
    assert env.observation_space.shape == (1,)


def test_rows_of_a_simulator_have_no_attributes_and_say_so():
    env = RecordingEnv(Copy(4), 8, np.arange(4))
    assert env.get_attr("render_mode") == [None] * 4
    assert not env.has_attr("gravity")
    for asked in (
        lambda: env.get_attr("gravity"),
        lambda: env.set_attr("gravity", 1),
        lambda: env.env_method("gravity"),
    ):
        with pytest.raises(AttributeError, match="none has 'gravity'"):
            asked()
