"""Thousands of candidates in one run folder: how long reading it takes, how much memory and disk, and how each grows.

    python benchmarks/many_candidates.py --candidates 500 --candidates 1000 --candidates 2000

The run is Eureka with the builtin model, sixteen candidates a round. Its prompts, answers, lint, races, records, keys,
links and log are the program's own, and so are its measurement and its bank. What is made up is what jobs of one
candidate answer: this file is the run's executor, and writes their results where the job server would have trained.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from eureka_cli.core import Score  # noqa: E402
from eureka_cli.executors import local  # noqa: E402
from eureka_cli.executors.local import Config  # noqa: E402
from eureka_cli.store import read_json, write_json  # noqa: E402

SAMPLES = 16
REAL = ("measure", "bank")
COMMANDS = (("status",), ("list",), ("cost",), ("report", "many"))
PLAIN = [f"method.samples={SAMPLES}", "method.repairs=0", "search.racing=off", "search.train_seeds=1"]
FEW = ["search.confirm=1", "search.confirm_seeds=2", "budget.steps=2048", "video=false"]


# ---------------------------------------------------------------- the executor


class MadeUp:
    """Runs some jobs as every run does; of the others it writes what a job would have answered."""

    def __init__(self, real: local.Local) -> None:
        self._real = real

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Any]], None]) -> Iterator[Path]:
        real = [folder for folder in folders if folder.parent.name in REAL]
        yield from self._real.execute(real, on_event)
        for folder in folders:
            if folder in real:
                continue
            kind, chance = folder.parent.name, random.Random(folder.name)
            if kind in MAKERS:
                result = MAKERS[kind](folder, read_json(folder / "job.json")["spec"], chance)
                write_json(folder / "result.json", {"result": result, "cpu_s": 1.0, "reward_cpu_s": 0.1, "peak": 0})
            else:
                write_json(folder / "error.json", {"kind": "UsageError", "message": "made up", "traceback": ""})
            yield folder

    def close(self) -> None:
        self._real.close()


def _probe(folder: Path, spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return {"findings": [], "facts": {}}


def _screen(folder: Path, spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    np.save(folder / "totals.npy", np.zeros(64), allow_pickle=False)
    ranks = {name: chance.random() for name in ("spearman", "kendall", "spearman_per_step", "preference")}
    intervals = {f"{name}_interval": [0.0, 1.0] for name in ("spearman", "kendall", "preference")}
    counts = {"episodes": 108, "good": 5, "poor": 52, "newcomers": len(spec["newcomers"]), "contrast": 0.5}
    corruptions = {name: {"paid": 0, "worse": 5} for name in ("freeze", "reverse", "tremble", "end early")}
    facts = {**ranks, **intervals, **counts, "corruptions": corruptions, "abstains": ""}
    return {"findings": [], "facts": facts}


def _train(folder: Path, spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    for name in ("checkpoint.npz", "policy-last.npz", *(f"policy-{k:02d}.npz" for k in range(10))):
        (folder / name).write_bytes(b"made up")
    steps = [spec["total"] * (k + 1) // 10 for k in range(10)]
    names = ("return", "length", "component/upright", "component/centred", "component/effort")
    curve = {"steps": steps, **{name: [chance.random() for _ in steps] for name in names}}
    return {"failure": None, "steps": spec["until"], "curve": curve, "policies": list(range(10))}


def _evaluate(folder: Path, spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    (folder / "episodes.npz").write_bytes(b"made up")
    fitness = chance.random()
    episodes = tuple(fitness + 0.1 * chance.random() for _ in spec["seeds"])
    score = Score(fitness=fitness, episodes=episodes, length=500.0, behaviour="It stands.")
    curve = [[chance.random() for _ in spec["curve_seeds"]] for _ in spec["curve"]]
    return {"score": score.model_dump(), "curve": [float(np.mean(one)) for one in curve], "curve_episodes": curve}


def _compare(folder: Path, spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    return {"failure": None, "correlation": 0.5, "by_source": {"chance": 0.5}, "same": False, "transitions": 1000}


MAKERS = {"probe": _probe, "screen": _screen, "train": _train, "evaluate": _evaluate, "compare": _compare}


def start(config: Config) -> MadeUp:
    return MadeUp(local.start(config))


# ---------------------------------------------------------------- the measurements


def timed(folder: Path, *arguments: str) -> dict[str, float]:
    """CPU-seconds and the most memory of one command and its children."""
    program = (
        "import resource, sys; from eureka_cli.cli.main import main\n"
        "try: main()\n"
        "finally:\n"
        "    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "    cpu = sum(usage.ru_utime + usage.ru_stime for usage in both)\n"
        "    print('USED', cpu, both[0].ru_maxrss, file=sys.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    _, cpu_s, kib = done.stderr.splitlines()[-1].split()
    wall_s = time.monotonic() - started
    return {"cpu_s": round(float(cpu_s), 2), "wall_s": round(wall_s, 2), "mb": round(int(kib) / 1024, 1)}


def measure(candidates: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="many-"))
    settings = [*PLAIN, *FEW, f"method.rounds={candidates // SAMPLES}", f"executor_name={Path(__file__).resolve()}"]
    flags = [word for setting in settings for word in ("--set", setting)]
    found: dict[str, Any] = {"candidates": candidates}
    found["run"] = timed(folder, "run", "--task", "cartpole_balance", "--name", "many", *flags)
    run = folder / "runs/many"
    found["log_mb"] = round((run / "log.jsonl").stat().st_size / 1e6, 2)
    found["report_mb"] = round((run / "report.html").stat().st_size / 1e6, 2)
    found["files"] = sum(len(names) for _, _, names in os.walk(run))
    found["different"] = len(list((run / "candidates").glob("*.py")))
    found["resume"] = timed(folder, "resume", "many")
    found["log_after_resume_mb"] = round((run / "log.jsonl").stat().st_size / 1e6, 2)
    for command in COMMANDS:
        found[command[0]] = timed(folder, *command)
    shutil.rmtree(folder)
    return found


def command() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, action="append")
    parser.add_argument("--file", type=Path, help="where the numbers go as JSON")
    given = parser.parse_args()
    rows = []
    for count in given.candidates or [500, 1000, 2000]:
        rows.append(measure(count))
        print(json.dumps(rows[-1]), flush=True)
    if given.file:
        given.file.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    command()
