"""Steps per CPU-second on HalfCheetah: native_ppo with the sandboxed reward against Stable-Baselines3's defaults.

Both see the same model (Gymnasium's half_cheetah.xml), 5 substeps, the same reward. Side by side in one run, in
CPU-seconds of all processes.

    pip install torch==2.13.0 && pip install stable-baselines3==2.9.2
    python benchmarks/halfcheetah.py --steps 100000
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # as jobs run: one core each

import gymnasium
import numpy as np
from common import ROOT

from eureka_cli import plugins
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.simulators import mujoco_batch
from eureka_cli.trainers import native_ppo

REWARD = (ROOT / "envs" / "half_cheetah" / "rewards" / "cheetah_run_human.py").read_text()


def native(steps: int, seed: int, folder: Path) -> tuple[float, float]:
    """(CPU-seconds of training, of which reward process)."""
    env = plugins.load_file(folder / "env.py")
    config = native_ppo.Config()
    zygote = Zygote.start()
    world = mujoco_batch.make(env, task=None, params={}, horizon=1000, num_envs=config.num_envs, cache=None)
    started = time.process_time()
    rows = config.rows
    with RewardProcess(zygote, REWARD, fields=world.fields, action_shape=world.action_shape, rows=rows) as process:
        native_ppo.train(
            world,
            process.score,
            config,
            seed=seed,
            total_timesteps=steps,
            until=steps,
            start=None,
            on_progress=lambda done, own: None,
        )
        reward_cpu_s = process.cpu_s
    zygote.close()
    return time.process_time() - started + reward_cpu_s, reward_cpu_s


def physics(steps: int, folder: Path) -> float:
    """CPU-seconds of the batched physics alone: the ceiling."""
    env = plugins.load_file(folder / "env.py")
    count = native_ppo.Config().num_envs
    world = mujoco_batch.make(env, task=None, params={}, horizon=1000, num_envs=count, cache=None)
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (steps // count, count, 6))
    started = time.process_time()
    for action in actions:
        world.step(action)
    return time.process_time() - started


def stable_baselines(steps: int, seed: int) -> float:
    import torch
    from stable_baselines3 import PPO

    torch.set_num_threads(1)
    model = PPO("MlpPolicy", gymnasium.make("HalfCheetah-v5"), seed=seed, device="cpu")
    started = time.process_time()
    model.learn(steps)
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    folder = ROOT / "envs" / "half_cheetah"
    ratios = []
    for seed in range(arguments.seeds):
        ours, reward = native(arguments.steps, seed, folder)
        ceiling = physics(arguments.steps, folder)
        theirs = stable_baselines(arguments.steps, seed)
        ratios.append(theirs / ours)
        print(
            f"seed {seed}: native {arguments.steps / ours:.0f} steps/CPU-s (reward process {100 * reward / ours:.1f}%),"
            f" simulation alone {arguments.steps / ceiling:.0f}, Stable-Baselines3 {arguments.steps / theirs:.0f};"
            f" ratio {theirs / ours:.1f}",
            flush=True,
        )
    print(f"ratio {np.mean(ratios):.1f} (smallest {min(ratios):.1f});", end=" ")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
