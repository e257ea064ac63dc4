"""What the sandbox costs, counted directly: a training job as the job server runs it, and a start on every rung.

Of the job's CPU-seconds, the share of the reward processes (by the kernel's account) and of the copies on the trainer's
side: handing a rollout over, taking the rewards back. The reward's own arithmetic is in the first number.

    python benchmarks/sandbox_cost.py --steps 100000
    python benchmarks/sandbox_cost.py --starts 20
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import ROOT

from eureka_cli import tasks, worker
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.store import read_json, write_json
from eureka_cli.trainers import native_ppo

TASKS = ("cheetah_run", "pen_spin")
AIM = 0.03
REWARD = "def compute_reward(state, action, next_state):\n    return next_state.time, {}\n"


def timed(spent: Counter[str], name: str) -> Callable[..., Any]:
    """The method as it is, its CPU-time on this side added up."""
    method = getattr(RewardProcess, name)

    def measured(*arguments: Any) -> Any:
        started = time.process_time()
        try:
            return method(*arguments)
        finally:
            spent[name] += time.process_time() - started

    return measured


def train(zygote: Zygote, name: str, steps: int, seed: int) -> tuple[float, float]:
    """One training job of a task's human reward: (CPU-seconds in all, of reward processes)."""
    task = tasks.find(name)
    config = native_ppo.Config()
    spec = {
        "world": task.world,
        "trainer": {"name": "native_ppo", "config": config.model_dump()},
        "seed": seed,
        "total": steps,
        "until": steps,
        "start": None,
    }
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        paths = {**task.paths, "cache": str(ROOT / "runs" / ".cache" / "starts")}
        write_json(folder / "job.json", {"kind": "train", "spec": spec, "paths": paths})
        (folder / "reward.py").write_text(tasks.baseline(task, "human") or "")
        events = os.open(os.devnull, os.O_WRONLY)
        worker.perform(folder, zygote, events)
        os.close(events)
        result = read_json(folder / "result.json")
    assert result["result"]["failure"] is None, result
    return result["cpu_s"], result["reward_cpu_s"]


def costs(steps: int, seeds: int) -> None:
    zygote = Zygote.start()
    print(f"isolation {zygote.level}; {steps} steps with native_ppo's defaults, the human reward")
    spent: Counter[str] = Counter()
    for method in ("_hand_over", "_rewards", "_answer", "_spawn"):
        setattr(RewardProcess, method, timed(spent, method))
    for name in TASKS:
        shares = []
        for seed in range(seeds):
            spent.clear()
            whole, reward = train(zygote, name, steps, seed)
            copies = spent["_hand_over"] + spent["_rewards"]
            shares.append((reward + copies) / whole)
            print(
                f"{name} seed {seed}: {whole:.2f} CPU-s, reward processes {reward:.3f}, handing over"
                f" {spent['_hand_over']:.3f}, taking back {spent['_rewards']:.3f}, waiting {spent['_answer']:.3f},"
                f" starting {spent['_spawn']:.3f}; {shares[-1]:.1%}",
                flush=True,
            )
        print(f"{name}: {statistics.median(shares):.1%} (median of {seeds}), aim at most {AIM:.0%}")
    zygote.close()


def starts(count: int) -> None:
    """Milliseconds until the zygote has promised, and until a process forked from it has loaded a small reward."""
    rungs = {"bubblewrap": {"second_wall": True}, "lock": {"second_wall": False}}
    started: dict[str, list[float]] = {}
    forked: dict[str, list[float]] = {}
    for _ in range(count):  # in turn, so that a busy moment of the machine meets all
        for options in rungs.values():
            before = time.perf_counter()
            zygote = Zygote.start(**options)
            started.setdefault(zygote.level, []).append(1e3 * (time.perf_counter() - before))
            for _ in range(5):
                before = time.perf_counter()
                with RewardProcess(zygote, REWARD, fields={"time": (), "terminated": ()}, action_shape=(1,), rows=1024):
                    forked.setdefault(zygote.level, []).append(1e3 * (time.perf_counter() - before))
            zygote.close()
    for level in started:
        print(
            f"{level}: zygote {statistics.median(started[level]):.0f} ms, reward process"
            f" {statistics.median(forked[level]):.1f} ms (medians of {count} and {5 * count})"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--starts", type=int, default=0)
    arguments = parser.parse_args()
    if arguments.starts:
        starts(arguments.starts)
    else:
        costs(arguments.steps, arguments.seeds)


if __name__ == "__main__":
    main()
