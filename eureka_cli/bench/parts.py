"""Where the CPU-time of a `native_ppo` training goes: clocks around the calls that make it up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import mjbatch

from eureka_cli.bench import meter
from eureka_cli.core import Json
from eureka_cli.sandbox.client import RewardProcess
from eureka_cli.simulators.mujoco_batch import MujocoBatch
from eureka_cli.trainers.native_ppo import Learner
from eureka_cli.trainers.native_ppo_network import Network

CLOCKS = {
    "physics": (mjbatch.Batch, "step"),
    "simulator": (MujocoBatch, "step"),
    "policy": (Network, "act"),
    "reward": (RewardProcess, "score"),
    "update": (Learner, "learn"),
}
PARTS = ("physics", "rest of the simulator", "policy", "reward process", "update", "rest")


def measure(job: Callable[[], dict[str, Json]]) -> dict[str, Json]:
    """The job's result, with the share of its CPU-time that each part took. The clocks stay: a process's last act."""
    spent: Counter[str] = Counter()
    for name, (owner, method) in CLOCKS.items():
        setattr(owner, method, _clocked(getattr(owner, method), name, spent))
    done = meter.timed(job)
    seconds = {
        "physics": spent["physics"],
        "rest of the simulator": spent["simulator"] - spent["physics"],
        "policy": spent["policy"],
        "reward process": spent["reward"] + done["reward_cpu_s"],
        "update": spent["update"],
    }
    shares = {name: value / done["cpu_s"] for name, value in seconds.items()}
    return {**done, "parts": {**shares, "rest": 1 - sum(shares.values())}}


def _clocked(method: Callable[..., Any], name: str, spent: Counter[str]) -> Callable[..., Any]:
    def clocked(*arguments: Any, **options: Any) -> Any:
        started = time.process_time()
        try:
            return method(*arguments, **options)
        finally:
            spent[name] += time.process_time() - started  # type: ignore[assignment]

    return clocked
