"""Step an environment without any reward. `make` picks the simulator a task's world asks for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path

from eureka_cli import tasks
from eureka_cli.core import Json, Simulator


def make(world: Mapping[str, Json], paths: Mapping[str, str], *, num_envs: int) -> Simulator:
    """The simulator of a world (workers only: this imports env.py or the person's Gymnasium package)."""
    if world["kind"] == "gymnasium":
        gymnasium = importlib.import_module("eureka_cli.simulators.gymnasium")
        made: Simulator = gymnasium.make(world["id"], horizon=None, num_envs=num_envs)
        return made
    env, task = tasks.load(paths, "env"), tasks.load(paths, "task")
    common = {"task": task, "params": world["params"], "horizon": world["horizon"], "num_envs": num_envs}
    if hasattr(env, "advance"):
        made = importlib.import_module("eureka_cli.simulators.arrays").make(env, **common)
        return made
    mujoco_batch = importlib.import_module("eureka_cli.simulators.mujoco_batch")
    made = mujoco_batch.make(env, **common, cache=Path(paths["cache"]))
    return made
