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
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.store import read_json

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
    part_of: Path | None = None
    """The round that runs this job as one of several."""

    def member(self, folder: Path) -> Context:
        """What one of several jobs gets that this one runs."""
        job = read_json(folder / "job.json")
        return Context(folder, job["spec"], job["paths"], self.zygote, self.events, part_of=self.folder)

    def simulator(self, num_envs: int) -> Simulator:
        return simulators.make(self.spec["world"], self.paths, num_envs=num_envs)

    def progress(self, steps: int, own_return: float) -> None:
        of = {"job": str(self.part_of), "member": str(self.folder)} if self.part_of else {"job": str(self.folder)}
        self._tell({**of, "event": "progress", "steps": steps, "return": own_return})

    def waits(self) -> None:
        """Another run is at the same job."""
        self._tell({"job": str(self.folder), "event": "waits"})

    def _tell(self, fact: dict[str, Json]) -> None:
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
