"""What a job gets: its folder, what it is asked, where things lie, and the zygote for reward processes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from eureka_cli import simulators
from eureka_cli.core import Json, Simulator
from eureka_cli.sandbox import arithmetic
from eureka_cli.sandbox.arithmetic import Arithmetic
from eureka_cli.sandbox.client import RewardProcess, Zygote

UNCONFINED = "none"
"""What a zygote without a lock calls it."""
ONE_BY_ONE_S = 1e-3
"""CPU-seconds a row where episodes follow one another: a reward with memory then takes a Python step for each."""


class Shapes(Protocol):
    """Whatever knows the shapes a reward sees: a simulator, a bank."""

    @property
    def fields(self) -> dict[str, tuple[int, ...]]: ...

    @property
    def action_shape(self) -> tuple[int, ...]: ...


@dataclass
class Context:
    """What a job gets: its folder, what it is asked, and the zygote for reward processes."""

    folder: Path
    spec: Mapping[str, Json]
    paths: Mapping[str, str]
    zygote: Zygote
    events: int
    """File descriptor for progress lines; one short write each, so lines of several jobs never mix."""
    reward_cpu_s: float = 0.0
    rewards: list[RewardProcess] = field(default_factory=list)
    """All that were started."""

    def simulator(self, num_envs: int) -> Simulator:
        return simulators.make(self.spec["world"], self.paths, num_envs=num_envs)

    def progress(self, steps: int, own_return: float) -> None:
        fact = {"job": str(self.folder), "event": "progress", "steps": steps, "return": own_return}
        os.write(self.events, (json.dumps(fact) + "\n").encode())

    def reward(
        self, shapes: Shapes, rows: int, file: str = "reward.py", *, seconds_per_row: float = 1e-4
    ) -> RewardProcess:
        """A sandboxed process of a reward of this job, for up to `rows` transitions a call."""
        code = (self.folder / file).read_text(encoding="utf-8")
        process = RewardProcess(
            self.zygote,
            code,
            fields=shapes.fields,
            action_shape=shapes.action_shape,
            rows=rows,
            seconds_per_row=seconds_per_row,
        )
        self.rewards.append(process)
        return process

    def arithmetic(self, shapes: Shapes) -> Arithmetic:
        """The reward of this job traced in a process of its own, for trainers that compute it themselves."""
        code = (self.folder / "reward.py").read_text(encoding="utf-8")
        unconfined = self.zygote.lock == UNCONFINED
        before = os.times()
        try:
            return arithmetic.trace(
                code, fields=shapes.fields, action_shape=shapes.action_shape, allow_unconfined=unconfined
            )
        finally:
            after = os.times()
            self.reward_cpu_s += sum(after[2:4]) - sum(before[2:4])
