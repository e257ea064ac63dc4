"""What the benchmarks share: train a reward file on a task in this process, reward sandboxed, and measure it."""

from __future__ import annotations

import time
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from eureka_cli import evaluator, plugins
from eureka_cli.core import Score, Simulator
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.simulators import arrays, gymnasium, mujoco_batch
from eureka_cli.trainers import native_ppo

ROOT = Path(__file__).resolve().parent.parent
EPISODES = 20


class Trained(NamedTuple):
    training: native_ppo.Training
    score: Score
    cpu_s: float
    """Trainer and reward process, without the evaluation."""
    reward_cpu_s: float


def load(environment: str, task: str) -> tuple[ModuleType, ModuleType]:
    folder = ROOT / "envs" / environment
    return plugins.load_file(folder / "env.py"), plugins.load_file(folder / f"{task}.py")


def simulator(env: ModuleType, task: ModuleType, num_envs: int, **params: Any) -> Simulator:
    common = {"task": task, "horizon": task.HORIZON, "num_envs": num_envs, "params": {**task.PARAMS, **params}}
    if hasattr(env, "GYMNASIUM"):
        kwargs = getattr(env, "KWARGS", {}) | getattr(task, "KWARGS", {})
        return gymnasium.make(getattr(task, "GYMNASIUM", env.GYMNASIUM), kwargs=kwargs, env=env, **common)
    if hasattr(env, "advance"):
        return arrays.make(env, **common)
    return mujoco_batch.make(env, **common, cache=ROOT / "runs" / ".cache" / "starts")


def train(
    zygote: Zygote, env: ModuleType, task: ModuleType, code: str, *, steps: int, seed: int, config: native_ppo.Config
) -> Trained:
    """Train on a reward file's text and measure the checkpoint with the peak own return on 20 fresh episodes."""
    world = simulator(env, task, config.num_envs)
    started = time.process_time()
    with RewardProcess(
        zygote,
        code,
        fields=world.fields,
        action_shape=world.action_shape,
        rows=config.rows,
    ) as process:
        training = native_ppo.train(
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
    cpu_s = time.process_time() - started + reward_cpu_s
    best = int(np.nanargmax(training.curve["return"]))
    judged = simulator(env, task, EPISODES)
    seeds = np.arange(EPISODES, dtype=np.uint64) + 10_000
    score = evaluator.judge(evaluator.rollouts(judged, evaluator.acting(training.policies[best]), seeds), task)
    return Trained(training, score, cpu_s, reward_cpu_s)
