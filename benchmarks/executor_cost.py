"""What it costs to run a job elsewhere: the same short jobs by an executor, twice.

python benchmarks/executor_cost.py local
python benchmarks/executor_cost.py ray --set address=HEAD:6379
python benchmarks/executor_cost.py slurm
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from eureka_cli import config, parcels, plugins, tasks
from eureka_cli.core import Job
from eureka_cli.executors import local_node
from eureka_cli.store import RunFolder, read_json


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executor")
    parser.add_argument("--set", action="append", default=[], help="a setting of the executor: key=value")
    parser.add_argument("--jobs", type=int, default=16)
    parser.add_argument("--task", default="cartpole_balance")
    given = parser.parse_args()
    module = plugins.load("executors", given.executor)
    executor = module.start(config.resolve(config.arguments(given.set), module.Config, "executor"))
    task = tasks.find(given.task)
    with tempfile.TemporaryDirectory(dir=".") as home:
        run = RunFolder(Path(home) / "runs" / "r")
        for batch in ("first", "second"):
            specs = [{"world": task.world, "seed": k, "version": batch} for k in range(given.jobs)]
            folders = [run.prepare(Job(kind="measure", spec=spec, paths=task.paths)) for spec in specs]
            started = time.monotonic()
            for _ in executor.execute(folders, lambda event: None):
                pass
            seconds = time.monotonic() - started
            cpu_s = sum(read_json(folder / "result.json")["cpu_s"] for folder in folders) / given.jobs
            print(f"{given.executor}, {batch} {given.jobs} jobs: {seconds:.1f} s, {cpu_s:.2f} CPU-s of work a job")
        sizes = (
            len(parcels.pack(folders[0], local_node.sender(module.Config()))),
            len(parcels.pack_answer(folders[0])),
        )
        print(f"a parcel holds {sizes[0] / 1e3:.0f} kB, its answer {sizes[1] / 1e3:.0f} kB")
    executor.close()


if __name__ == "__main__":
    main()
