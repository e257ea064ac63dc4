"""Which settings should native_ppo ship with? Named variants on several tasks, same seeds, human rewards.

Per task and variant: fitness of the checkpoint with the peak own return (interquartile mean over seeds, 95% bootstrap
interval) after the task's budget, and environment steps per CPU-second. Finished trainings are kept in --file.

    python benchmarks/ppo_settings.py --seeds 5 --file runs/ppo-settings.jsonl
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")  # as jobs run: one core each

import numpy as np
from common import ROOT, load, train

from eureka_cli.analysis import intervals
from eureka_cli.sandbox.client import Zygote
from eureka_cli.trainers import native_ppo

TASKS = {
    "cartpole_balance": "cartpole",
    "cheetah_run": "half_cheetah",
    "hopper_hop": "hopper",
    "reacher_reach": "reacher",
    "pen_spin": "hand_pen",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "version 1": {"hidden": 128, "epochs": 8, "learning_rate": 1e-3, "clip": 0.2, "log_std": -0.5},
    "learning_rate 1e-3": {"learning_rate": 1e-3},
    "clip 0.2": {"clip": 0.2},
    "hidden 128": {"hidden": 128},
    "epochs 3": {"epochs": 3},
    "64 x 16": {"num_envs": 64, "rollout_steps": 16},
    "gamma 0.98": {"gamma": 0.98},
}


def measure(file: Path, variants: list[str], seeds: int) -> None:
    done = {(row["variant"], row["task"], row["seed"]) for row in rows(file)}
    zygote = Zygote.start()
    for seed, (name, environment), variant in product(range(seeds), TASKS.items(), variants):
        if (variant, name, seed) in done:
            continue
        env, task = load(environment, name)
        code = (ROOT / "envs" / environment / "rewards" / f"{name}_human.py").read_text(encoding="utf-8")
        config = native_ppo.Config(**VARIANTS[variant])
        found = train(zygote, env, task, code, steps=task.BUDGET, seed=seed, config=config)
        row = {"variant": variant, "task": name, "seed": seed, "steps": task.BUDGET}
        row |= {"fitness": found.score.fitness, "cpu_s": found.cpu_s}
        with file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")
    zygote.close()


def rows(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def table(file: Path) -> str:
    lines = ["| | " + " | ".join(TASKS) + " |", "| --- " * (len(TASKS) + 1) + "|"]
    for variant in VARIANTS:
        cells = []
        for task in TASKS:
            seen = [row for row in rows(file) if (row["variant"], row["task"]) == (variant, task)]
            if not seen:
                cells.append("")
                continue
            scores = [row["fitness"] for row in seen]
            low, high = intervals.bootstrap(scores)
            rate = np.median([row["steps"] / row["cpu_s"] for row in seen]) / 1000
            cells.append(f"{intervals.iqm(scores):.2f} [{low:.2f}, {high:.2f}], {rate:.1f}k/s, n={len(scores)}")
        if any(cells):
            lines.append(f"| {variant} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--variants", default=",".join(VARIANTS), help="Names separated by commas.")
    parser.add_argument("--file", type=Path, default=ROOT / "runs" / "ppo-settings.jsonl")
    arguments = parser.parse_args()
    measure(arguments.file, arguments.variants.split(","), arguments.seeds)
    print(table(arguments.file))


if __name__ == "__main__":
    main()
