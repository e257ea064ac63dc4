"""Small jobs for executors, and the end of a run in what must not depend on where its jobs ran."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from eureka_cli import tasks
from eureka_cli.core import Job
from eureka_cli.executors import local
from eureka_cli.store import RunFolder, read_json

SHIPPED = Path(__file__).parents[2] / "envs" / "cartpole"
PLACE_AND_COST = ("cost", "isolation", "report", "reward", "run")
TINY = ("--task", "cartpole_balance", "--preset", "smoke", "--rounds", "1", "--critic", "off", "--name", "r")


def measurements(home: Path, count: int = 1, trouble: str = "") -> list[Path]:
    """Prepared job folders of a cartpole under `home`."""
    world = home / "envs" / "cartpole"
    if not world.exists():
        world.mkdir(parents=True)
        for file in ("model.xml", "cartpole_balance.py"):
            (world / file).write_bytes((SHIPPED / file).read_bytes())
        (world / "env.py").write_text((SHIPPED / "env.py").read_text() + trouble)
    task = tasks.find("cartpole_balance")
    paths = {"env": str(world / "env.py"), "task": str(world / "cartpole_balance.py")}
    specs = [{"world": task.world, "seed": k, "version": 0} for k in range(count)]
    folder = RunFolder(home / "runs" / "r")
    return [folder.prepare(Job(kind="measure", spec=spec, paths=paths)) for spec in specs]


def result(folder: Path) -> dict:
    found = read_json(folder / "result.json")["result"]
    return {name: value for name, value in found.items() if name != "simulation_cpu_s"}


def results_here(home: Path, count: int, trouble: str = "") -> list[dict]:
    """The same measurements by the local executor."""
    folders, executor = measurements(home, count, trouble), local.start(local.Config(cores=1))
    list(executor.execute(folders, print))
    executor.close()
    return [result(folder) for folder in folders]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "eureka_cli.cli.main", *arguments]


def search(home: Path, *arguments: str, **environment: str) -> dict:
    """How a tiny run ends."""
    home.mkdir(exist_ok=True)
    done = subprocess.run(command("run", *TINY, *arguments), cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return end(home / "runs" / "r")


def end(run: Path) -> dict:
    """Rewards, fitness of each, the best one, the summary: without times and costs."""
    events = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    summary = {key: value for key, value in read_json(run / "summary.json").items() if key not in PLACE_AND_COST}
    done = [event["address"] for event in events if event["event"] == "job-done"]
    assert len(done) == len(set(done))  # each counted once
    return {
        "candidates": {file.name: file.read_text() for file in (run / "candidates").iterdir()},
        "scores": [{**event, "time": 0} for event in events if event["event"] == "score"],
        "best": (run / "best.py").read_text(),
        "summary": summary,
        "done": sorted(done),
    }
