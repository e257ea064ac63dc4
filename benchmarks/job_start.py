"""How soon a job works: from the moment a train job is sent to the warm server until 32 environments took their first
step and the reward process scored it.

The first job starts the server and settles starts where a task needs them; it is shown, not counted.

    python benchmarks/job_start.py --repeats 15
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from eureka_cli import tasks
from eureka_cli.core import Job, Task
from eureka_cli.executors import local
from eureka_cli.store import RunFolder
from eureka_cli.trainers import native_ppo

TASKS = ("cartpole_balance", "cheetah_run", "hopper_hop", "pen_spin", "reacher_reach")
ENVS = 32
AIM_S = 0.2


def first_step(executor: local.Local, folder: RunFolder, task: Task, seed: int) -> float:
    """Seconds until the first progress of a training whose rollout is one step long."""
    config = native_ppo.Config(num_envs=ENVS, rollout_steps=1, minibatch=ENVS)
    spec = {
        "world": task.world,
        "trainer": {"name": "native_ppo", "version": native_ppo.VERSION, "config": config.model_dump()},
        "seed": seed,
        "total": ENVS,
        "until": ENVS,
        "start": "",
        "from": 0,
        "candidate": "",
    }
    reward = tasks.baseline(task, "human")
    assert reward is not None
    prepared = folder.prepare(Job(kind="train", spec=spec, texts={"reward.py": reward}, paths=task.paths))
    seen: list[float] = []
    sent = time.perf_counter()
    for _ in executor.execute([prepared], lambda event: seen.append(time.perf_counter() - sent)):
        pass
    return seen[0]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    print(f"{'task':18} {'first':>7} {'median':>7} {'slowest':>7}   milliseconds, aim {AIM_S * 1e3:.0f}")
    with tempfile.TemporaryDirectory() as runs:
        for name in TASKS:
            executor = local.start(local.Config(cores=1))
            folder, task = RunFolder(Path(runs) / name), tasks.find(name)
            first, *rest = [first_step(executor, folder, task, seed) for seed in range(repeats + 1)]
            executor.close()
            median, slowest = statistics.median(rest), max(rest)
            print(f"{name:18} {first * 1e3:7.0f} {median * 1e3:7.0f} {slowest * 1e3:7.0f}")


if __name__ == "__main__":
    main()
