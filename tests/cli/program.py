"""Running the program as a person does, and reading what a run left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from eureka_cli import tasks

ROOT = Path(__file__).parents[2]
SMOKE = ("--task", "cartpole_balance", "--preset", "smoke")


def alone(name: str) -> tuple[str, ...]:
    """Names a task, and where a climb would end its search the rung to stay on: test_climb.py has the climbs."""
    task = tasks.find(name)
    return ("--task", name, *(("--rung", str(task.params["rung"])) if task.curricula else ()))


def start(
    folder: Path, *arguments: str, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.Popen:
    def ready() -> None:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # a test run in the background of a shell ignores Ctrl-C, and so would this
        if before is not None:
            before()

    return subprocess.Popen(
        [sys.executable, "-m", "eureka_cli.cli.main", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ready,
    )


def run(folder: Path, *arguments: str, code: int = 0, timeout_s: float = 240, **environment: str) -> tuple[str, str]:
    process = start(folder, *arguments, **environment)
    out, err = process.communicate(timeout=timeout_s)
    assert process.returncode == code, err
    assert "Traceback" not in err
    return out, err


class Answering(threading.Thread):
    """Answers the exchange's questions in the order they appear."""

    def __init__(self, folder: Path, answer: Callable[[str, int], str]) -> None:
        super().__init__(daemon=True)
        self._folder, self._answer, self.over = folder, answer, False
        self.slots: list[str] = []

    def run(self) -> None:
        while not self.over:
            for question in sorted(self._folder.rglob("*.question.md")):
                target = question.with_name(question.name.replace("question", "answer"))
                if not target.exists():
                    self.slots.append(str(question.relative_to(self._folder)))
                    draft = target.with_suffix(".draft")
                    draft.write_text(self._answer(question.read_text(), len(self.slots)))
                    draft.rename(target)
            time.sleep(0.05)


@contextmanager
def answering(folder: Path, answer: Callable[[str, int], str]) -> Iterator[Answering]:
    """Somebody answers while the block runs."""
    person = Answering(folder, answer)
    person.start()
    try:
        yield person
    finally:
        person.over = True
        person.join()


def events(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines() if line.endswith("}")]


def facts(folder: Path) -> dict:
    """All that one seed decides: candidates, verdicts, scores, arrays of every checkpoint and policy."""
    told = [e for e in events(folder) if e["event"] in ("verdict", "score", "race-stopped", "best", "confirmed")]
    decisions = {json.dumps({k: v for k, v in e.items() if k != "time"}, sort_keys=True) for e in told}
    arrays = {}
    for root in (folder, folder.parent / ".cache"):
        for file in sorted(root.glob("jobs/train/*/*.npz")):
            with np.load(file, allow_pickle=False) as found:
                arrays[str(file.relative_to(root))] = {k: found[k].tobytes() for k in found.files}
    candidates = {file.name: file.read_text() for file in (folder / "candidates").glob("*.py")}
    return {
        "decisions": decisions,
        "arrays": arrays,
        "candidates": candidates,
        "best": (folder / "best.py").read_text(),
    }


def assert_nothing_finished_was_run_again(folder: Path) -> None:
    finished = set()
    for event in events(folder):
        if event["event"] == "job-start":
            assert event["address"] not in finished, event
        if event["event"] == "job-done":
            assert event["address"] not in finished, event
            finished.add(event["address"])
