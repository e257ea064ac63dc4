"""Stable-Baselines3's PPO for the comparison of speed, used the ways people use it.

    sb3            PPO("MlpPolicy", "HalfCheetah-v5"): one environment, all defaults
    sb3-subproc4   the same, four environments in processes of their own (SubprocVecEnv)
    sb3-tuned      settings of the RL Baselines3 Zoo (Raffin 2020; hyperparams/ppo.yml, its MuJoCo entries)

Each once with as many threads as PyTorch chooses, and once (`-1thread`) with one. A task without a Gymnasium id equal
to it is trained through our plug-in `sb3` at Stable-Baselines3's defaults; it uses one thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eureka_cli import plugins, tasks
from eureka_cli.bench import meter, training
from eureka_cli.bench.cells import PACKAGES, SB3, Cell, Plan
from eureka_cli.core import Json, Task
from eureka_cli.sandbox.client import Zygote

WAYS = ("sb3", "sb3-subproc4", "sb3-tuned")
ONE = "-1thread"
ARMS = tuple(way + suffix for way in WAYS for suffix in ("", ONE))
GYM_IDS = {"cheetah_run": "HalfCheetah-v5", "hopper_hop": "Hopper-v5", "ant_run": "Ant-v5"}
STEPS = {"sb3": 40_960, "sb3-subproc4": 40_960, "sb3-tuned": 10_240}
TYPICAL = {"sb3": 1_500, "sb3-subproc4": 1_500, "sb3-tuned": 300}
"""Steps per CPU-second, roughly: to tell beforehand what it costs."""
PLUGIN = {"algorithm": "ppo", "num_envs": 1, "rollout_steps": 2048, "normalize": False}
"""Our plug-in at Stable-Baselines3's defaults."""
VERSION = 1
_WIDE = {
    "log_std_init": -2,
    "ortho_init": False,
    "activation_fn": "ReLU",
    "net_arch": {"pi": [256, 256], "vf": [256, 256]},
}
TUNED: dict[str, dict[str, Json]] = {
    "cheetah_run": {
        "n_steps": 512,
        "batch_size": 64,
        "n_epochs": 20,
        "gamma": 0.98,
        "gae_lambda": 0.92,
        "learning_rate": 2.0633e-05,
        "ent_coef": 0.000401762,
        "clip_range": 0.1,
        "max_grad_norm": 0.8,
        "vf_coef": 0.58096,
        "policy_kwargs": _WIDE,
    },
    "hopper_hop": {
        "n_steps": 512,
        "batch_size": 32,
        "n_epochs": 5,
        "gamma": 0.999,
        "gae_lambda": 0.99,
        "learning_rate": 9.80828e-05,
        "ent_coef": 0.00229519,
        "clip_range": 0.2,
        "max_grad_norm": 0.7,
        "vf_coef": 0.835671,
        "policy_kwargs": _WIDE,
    },
    "ant_run": {},
}
"""All with one environment, its observations and rewards normalised (VecNormalize); for Ant nothing else is changed."""


def cells(plan: Plan, task: Task, repeat: int) -> list[Cell]:
    arms = ARMS if task.name in GYM_IDS else ("sb3" + ONE,)
    return [_cell(plan, task, arm, repeat) for arm in arms]


def _cell(plan: Plan, task: Task, arm: str, repeat: int) -> Cell:
    way = arm.removesuffix(ONE)
    settings: dict[str, Json] = {"version": VERSION, "steps": plan.steps or STEPS[way]}
    if task.name in GYM_IDS:
        settings |= {"gym": GYM_IDS[task.name], "tuned": TUNED[task.name] if way == "sb3-tuned" else None}
    else:
        trainer = {"name": "sb3", "version": plugins.load("trainers", "sb3").VERSION, "config": PLUGIN}
        settings |= {"world": task.world, "trainer": trainer, "reward": tasks.baseline(task, "human")}
    return Cell(
        benchmark="speed",
        arm=arm,
        task=task.name,
        repeat=repeat,
        settings=settings,
        packages=PACKAGES + SB3,
        one_thread=arm.endswith(ONE),
        guess_s=8 + settings["steps"] / TYPICAL[way],
    )


def measure(cell: Cell, work: Path) -> dict[str, Json]:
    """CPU-seconds of learning: neither imports nor making environments are among them."""
    import stable_baselines3  # noqa: F401  (imported before the clock starts, as the job server preloads it)
    import torch

    if cell.one_thread:
        torch.set_num_threads(1)
    if "gym" not in cell.settings:
        zygote = Zygote.start()
        try:
            return {**meter.timed(lambda: training.perform(cell, work, zygote)), "threads": 1}
        finally:
            zygote.close()
    model = _model(cell.settings["gym"], cell.arm.removesuffix(ONE), cell.settings["tuned"], cell.repeat)
    done = meter.timed(lambda: {"steps": model.learn(cell.settings["steps"]).num_timesteps})
    return {**done, "threads": torch.get_num_threads()}


def _model(gym: str, way: str, options: dict[str, Json] | None, seed: int) -> Any:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import SubprocVecEnv, VecNormalize

    env: Any = gym
    if way == "sb3-subproc4":
        env = make_vec_env(gym, n_envs=4, seed=seed, vec_env_cls=SubprocVecEnv)
    elif options is not None:
        env = VecNormalize(make_vec_env(gym, n_envs=1, seed=seed), gamma=options.get("gamma", 0.99))
    return PPO("MlpPolicy", env, seed=seed, device="cpu", **_arguments(options or {}))


def _arguments(options: dict[str, Json]) -> dict[str, Any]:
    """The activation is a class where Stable-Baselines3 takes it, a name where it is kept."""
    import torch

    if "policy_kwargs" not in options:
        return options
    network = dict(options["policy_kwargs"])
    network["activation_fn"] = getattr(torch.nn, network["activation_fn"])
    return {**options, "policy_kwargs": network}
