"""Runs as benchmarks need them: a Run with a folder of its own, and whole searches as a person starts them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eureka_cli import tasks
from eureka_cli.config import RunConfig
from eureka_cli.errors import JobFailed
from eureka_cli.executors import local
from eureka_cli.models import builtin
from eureka_cli.run import Run
from eureka_cli.steps import measure
from eureka_cli.store import RunFolder
from eureka_cli.worker import die_with_parent


@contextmanager
def run_in(folder: Path, config: RunConfig, *, cores: int | None) -> Iterator[Run]:
    """A measured run to train and evaluate in. What it did before is read back, so a cell that died goes on."""
    assert config.task is not None
    folder.mkdir(parents=True, exist_ok=True)
    executor = local.start(local.Config(cores=cores))
    try:
        model = builtin.load("", builtin.Config())
        task = tasks.find(config.task)
        run = Run(RunFolder(folder), config, task=task, model=model, executor=executor, on_event=lambda event: None)
        measure(run)
        yield run
    finally:
        executor.close()


def search(arguments: Sequence[str], *, runs: Path, name: str) -> RunFolder:
    """`reward-synth run` in a process of its own; the same call again goes on where it stopped."""
    command = [sys.executable, "-m", "eureka_cli.cli.main", "run", *arguments, "--runs", str(runs), "--name", name]
    process = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, preexec_fn=die_with_parent
    )
    if process.returncode:
        raise JobFailed(f"reward-synth run ended with {process.returncode}: {process.stderr[-2000:]}")
    return RunFolder(runs / name)
