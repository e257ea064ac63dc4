"""Runs jobs as Slurm job arrays, with Slurm's own commands. docs/executors.md.

A job lies as job.zip in a folder that this machine and every node see, and its answer beside it. Both outlive this
process: whoever runs the same job later takes the answer, or waits for the array that is under way.
"""

from __future__ import annotations

import math
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eureka_cli import parcels
from eureka_cli.core import Json, digest
from eureka_cli.errors import UsageError
from eureka_cli.executors import local_lending, local_node
from eureka_cli.executors.local import KEPT
from eureka_cli.executors.local_lending import Lost
from eureka_cli.executors.slurm_node import ANSWER, JOB, NEWS
from eureka_cli.store import read_json, write_atomic

TICK_S = 1.0
QUEUE_S = 10.0
"""Between two looks at Slurm's queue, which all its users share."""
TASK = "task"
"""File of a lent job: its task's name in Slurm, such as 1234_5."""
LONGEST_ARRAY = 500
"""Slurm's own limit is 1000 unless its administrator says otherwise."""
CURES = {
    "TIMEOUT": """Give jobs longer: --set 'executor.options=["--time=8:00:00"]'""",
    "OUT_OF_MEMORY": "Ask for more: --set executor.memory_gb=...",
    "CANCELLED": "Somebody cancelled it; resume the run to have it done.",
    "DEADLINE": "Its deadline, an option of sbatch, is over.",
}
"""Ends that another try would meet again."""


class Config(local_lending.Config):
    folder: Path | None = None
    """Where jobs and answers are exchanged: seen by this machine and every node. None: runs/.cache/slurm."""
    python: str = sys.executable
    """The interpreter on the nodes, with reward-synth installed."""
    options: tuple[str, ...] = ()
    """More of sbatch's: ["--partition=gpu", "--account=me", "--time=2:00:00"]."""


@dataclass
class Sent:
    """A job in Slurm's hands."""

    place: Path
    task: str
    missed: int = 0
    """Looks at the queue that did not find it."""
    news: Json = None
    """The last event it told."""


class Slurm:
    apart = True
    """Jobs go elsewhere with nothing but their own folder: none runs as part of another."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.isolation = ""
        """The weakest any node had."""
        self._sent: dict[Path, Sent] = {}
        self._looked = 0.0
        self._told = ""

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None]) -> Iterator[Path]:
        for folder in local_lending.lend(self, folders, on_event, at_most=self.config.cores):
            self.isolation = local_lending.weakest(self.isolation, folder)
            yield folder

    def close(self) -> None:
        self.drop(list(self._sent))

    # ------------------------------------------------------------ a cluster that jobs are lent to

    def send(self, folders: Sequence[Path]) -> None:
        alive, sender = _queue(), local_node.sender(self.config)
        fresh: dict[float, list[Path]] = {}
        for folder in folders:
            place = self._place(folder)
            task = (place / TASK).read_text() if (place / TASK).exists() else ""
            if (place / ANSWER).exists() or task in (alive or {}):  # of a process that was killed
                self._sent[folder] = Sent(place, task)
                continue
            write_atomic(place / JOB, parcels.pack(folder, sender))
            fresh.setdefault(self.config.gpus_of(folder), []).append(folder)
        for gpus, alike in fresh.items():
            for k in range(0, len(alike), LONGEST_ARRAY):
                self._submit(alike[k : k + LONGEST_ARRAY], gpus)

    def hear(self) -> Iterator[tuple[Path, dict[str, Json] | bytes | Lost]]:
        time.sleep(TICK_S)
        for folder, sent in list(self._sent.items()):
            if (sent.place / ANSWER).exists():
                answer = (sent.place / ANSWER).read_bytes()
                self._forget(folder)
                yield folder, answer
            elif (sent.place / NEWS).exists() and (news := read_json(sent.place / NEWS)) != sent.news:
                sent.news = news
                yield folder, news
        if time.monotonic() - self._looked >= QUEUE_S:
            self._looked = time.monotonic()
            yield from self._look()

    def drop(self, folders: Sequence[Path]) -> None:
        tasks = [self._sent[folder].task for folder in folders if folder in self._sent]
        if tasks:
            subprocess.run(["scancel", *tasks], env=_environment(), capture_output=True, check=False)
        for folder in folders:
            self._forget(folder)

    # ------------------------------------------------------------ Slurm

    def _submit(self, folders: Sequence[Path], gpus: float) -> None:
        """One job array; its members find their places by their index."""
        config, places = self.config, [self._place(folder) for folder in folders]
        root = places[0].parent
        options = [
            f"--array=0-{len(folders) - 1}",
            f"--cpus-per-task={config.cpus}",
            *([f"--gres=gpu:{math.ceil(gpus)}"] if gpus else []),
            *([f"--mem={math.ceil(1024 * config.memory_gb)}M"] if config.memory_gb else []),
            *("--parsable", "--ntasks=1", "--requeue", "--job-name=reward-synth", f"--output={root}/%A_%a.txt"),
            *config.options,
        ]
        command = [config.python, "-m", "eureka_cli.executors.slurm_node", *map(str, places)]
        script = f"#!/bin/sh\nexec {shlex.join(command)}\n"
        done = subprocess.run(
            ["sbatch", *options], input=script, env=_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise UsageError(f"sbatch refused the jobs: {said[0]}. Its options: --set 'executor.options=[\"--...\"]'")
        array = done.stdout.strip().split(";")[0]
        for k, (folder, place) in enumerate(zip(folders, places, strict=True)):
            write_atomic(place / TASK, f"{array}_{k}")
            self._sent[folder] = Sent(place, f"{array}_{k}")

    def _look(self) -> Iterator[tuple[Path, dict[str, Json] | Lost]]:
        """Tell what waits, and what is gone without an answer (seen twice: an answer may travel slower than news)."""
        alive = _queue()
        if alive is None:  # Slurm's controller is away: jobs go on without it
            return
        for folder, sent in list(self._sent.items()):
            sent.missed = 0 if sent.task in alive else sent.missed + 1
            if sent.missed >= 2 and not (sent.place / ANSWER).exists():
                yield folder, self._lost(folder, sent)
        reasons = [alive[sent.task] for sent in self._sent.values() if alive.get(sent.task)]
        waits = f"waiting in Slurm's queue: {reasons[0]}" if reasons and len(reasons) == len(self._sent) else ""
        if waits and waits != self._told:
            yield next(iter(self._sent)), {"event": "executor-waits", "why": waits}
        self._told = waits

    def _lost(self, folder: Path, sent: Sent) -> Lost:
        """Why a task ended without an answer, as far as Slurm and its output tell. UsageError where it would again."""
        told = _run("scontrol", "show", "job", "--oneliner", sent.task) or ""
        state = found.group(1) if (found := re.search(r"JobState=(\w+)", told)) else "GONE"
        output = sent.place.parent / f"{sent.task}.txt"
        lines = output.read_text(errors="replace").strip().splitlines() if output.exists() else []
        why = f"Slurm's task {sent.task} ended without an answer ({state})" + "".join(
            f": {line}" for line in lines[-1:]
        )
        self._forget(folder)
        if state in CURES:
            raise UsageError(f"{why}. {CURES[state]}")
        return Lost(why)

    def _place(self, folder: Path) -> Path:
        root = self.config.folder or Path(read_json(folder / "job.json")["paths"]["cache"]) / "slurm"
        return root.resolve() / f"{folder.parent.name}-{digest(str(folder))}"

    def _forget(self, folder: Path) -> None:
        sent = self._sent.pop(folder, None)
        if sent is not None:
            shutil.rmtree(sent.place, ignore_errors=True)
            (sent.place.parent / f"{sent.task}.txt").unlink(missing_ok=True)


def _queue() -> dict[str, str] | None:
    """Our tasks that have not ended, each with what it waits for; empty where it runs. None: nobody answered."""
    told = _run("squeue", "--me", "--noheader", "--array", "--format=%F_%K|%t|%r")
    if told is None:
        return None
    rows = [line.strip().split("|") for line in told.splitlines()]
    return {task: reason if state == "PD" and reason != "None" else "" for task, state, reason in rows}


def _run(*command: str) -> str | None:
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """What Slurm's commands get, and with them the job: sbatch hands its whole environment on. No key is in it."""
    names = {name for name in os.environ if name.startswith(("SLURM_", "SBATCH_", "SQUEUE_"))} | set(KEPT)
    return {name: os.environ[name] for name in names - {"CUDA_VISIBLE_DEVICES"} if name in os.environ}


def start(config: Config) -> Slurm:
    if shutil.which("sbatch") is None:
        raise UsageError("There is no sbatch here. Start the run where Slurm's commands are, or with --executor local.")
    return Slurm(config)
