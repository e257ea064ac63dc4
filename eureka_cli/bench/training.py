"""One training job in this process, as a worker performs it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from eureka_cli import tasks, worker
from eureka_cli.bench.cells import Cell
from eureka_cli.core import Json
from eureka_cli.errors import JobFailed
from eureka_cli.sandbox.client import Zygote
from eureka_cli.store import read_json, write_json


def perform(cell: Cell, work: Path, zygote: Zygote) -> dict[str, Json]:
    """Train on the task's human reward with the cell's trainer and steps; its repeat is the seed.

    Reward in its sandbox, audit in a fresh one, checkpoint and policies written: everything a job does.
    """
    task, steps = tasks.find(cell.task), cell.settings["steps"]
    spec = {"world": task.world, "trainer": cell.settings["trainer"], "seed": cell.repeat, "start": None}
    spec |= {"total": steps, "until": steps}
    with tempfile.TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        paths = {**task.paths, "cache": str(work / "cache")}
        write_json(folder / "job.json", {"kind": "train", "spec": spec, "paths": paths})
        (folder / "reward.py").write_text(cell.settings["reward"], encoding="utf-8")
        with open(os.devnull, "wb") as nobody:
            worker.perform(folder, zygote, nobody.fileno())
        record = read_json(folder / "result.json")
    if record["result"]["failure"]:
        raise JobFailed(f"The human reward of {task.name} failed: {record['result']['failure']['message']}")
    return {"steps": record["result"]["steps"], "reward_cpu_s": record["reward_cpu_s"]}
