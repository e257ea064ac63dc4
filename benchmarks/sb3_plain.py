"""Trainer `sb3` against Stable-Baselines3 as one uses it, on Pendulum-v1 with its own reward: within noise?

Same algorithm, same settings, actions rescaled to [-1, 1] in both. Ours gets the reward as a file, in the sandbox,
after the rollout (PPO) or eight steps late (SAC). Return of the last policy over 20 episodes.

    pip install 'reward-synth[sb3]'
    python benchmarks/sb3_plain.py --seeds 5
"""

from __future__ import annotations

import argparse
import time

import gymnasium
import numpy as np
import stable_baselines3 as stable
import torch
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.vec_env import VecNormalize

from eureka_cli import evaluator
from eureka_cli.analysis import intervals
from eureka_cli.policies import Policy
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.simulators import gymnasium as simulator
from eureka_cli.trainers import sb3
from eureka_cli.trainers.sb3_arrays import actor

EPISODES = 20
STEPS = {"ppo": 100_000, "sac": 6_000}
OPTIONS = {
    "ppo": {"gamma": 0.9, "learning_rate": 1e-3, "batch_size": 256},
    "sac": {"learning_starts": 200, "learning_rate": 1e-3, "policy_kwargs": {"net_arch": [64, 64]}},
}
REWARD = """import numpy as np


def compute_reward(state, action, next_state):
    angle = np.arctan2(state.observation[:, 1], state.observation[:, 0])
    upright = -(angle**2)
    slow = -0.1 * state.observation[:, 2] ** 2
    effort = -0.001 * np.sum(action**2, axis=-1)
    return upright + slow + effort, {"upright": upright, "slow": slow, "effort": effort}
"""


def ours(zygote: Zygote, algorithm: str, seed: int) -> Policy:
    config = sb3.Config(algorithm=algorithm, options=OPTIONS[algorithm])
    world = simulator.make("Pendulum-v1", horizon=None, num_envs=config.num_envs)
    total = STEPS[algorithm]
    with RewardProcess(
        zygote, REWARD, fields=world.fields, action_shape=world.action_shape, rows=config.rows
    ) as process:
        training = sb3.train(
            world,
            process.score,
            config,
            seed=seed,
            total_timesteps=total,
            until=total,
            start=None,
            on_progress=lambda done, own: None,
        )
    return training.policies[max(training.policies)]


def plain(algorithm: str, seed: int) -> Policy:
    def make() -> gymnasium.Env:
        return gymnasium.wrappers.RescaleAction(gymnasium.make("Pendulum-v1"), np.float32(-1), np.float32(1))

    config = sb3.Config(algorithm=algorithm, options=OPTIONS[algorithm])
    env = VecNormalize(make_vec_env(make, config.num_envs, seed=seed), norm_reward=algorithm == "ppo")
    pace = {"n_steps": config.rollout_steps} if algorithm == "ppo" else {"train_freq": 1, "gradient_steps": -1}
    kind = getattr(stable, algorithm.upper())
    model = kind("MlpPolicy", env, seed=seed, device="cpu", **pace, **OPTIONS[algorithm])
    model.learn(STEPS[algorithm])
    return actor(model)


def measured(policy: Policy) -> float:
    world = simulator.make("Pendulum-v1", horizon=None, num_envs=EPISODES)
    seeds = np.arange(EPISODES, dtype=np.uint64) + 10_000
    returns = []
    for trajectory in evaluator.rollouts(world, evaluator.acting(policy), seeds):
        angle = np.arctan2(trajectory.state.observation[:, 1], trajectory.state.observation[:, 0])
        speed, torque = trajectory.state.observation[:, 2], trajectory.action[:, 0]
        returns.append(-float(np.sum(angle**2 + 0.1 * speed**2 + 0.001 * torque**2)))
    return float(np.mean(returns))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(STEPS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    zygote = Zygote.start()
    for algorithm in arguments.only:
        found: dict[str, list[float]] = {"ours": [], "plain": []}
        for seed in range(arguments.seeds):
            for name in found:
                started = time.process_time()
                policy = ours(zygote, algorithm, seed) if name == "ours" else plain(algorithm, seed)
                spent = time.process_time() - started
                found[name].append(measured(policy))
                print(f"{algorithm} seed {seed} {name:5}: return {found[name][-1]:7.0f}  {spent:.0f} CPU-s", flush=True)
        low, high = intervals.difference(found["ours"], found["plain"])
        print(
            f"{algorithm}: IQM {intervals.iqm(found['ours']):.0f} against {intervals.iqm(found['plain']):.0f};", end=" "
        )
        print(f"difference [{low:.0f}, {high:.0f}]", flush=True)
    zygote.close()


if __name__ == "__main__":
    main()
