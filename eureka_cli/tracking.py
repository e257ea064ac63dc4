"""A run's curves for other programs to show: TensorBoard's files beside it; on request Weights & Biases or Trackio.

Rows are read from what finished jobs left behind, by the process of the command line; no job knows of it. A tracker is
a process of its own (trackers.py): it gets its own keys and no other, and the run never waits for it.

    tensorboard/<candidate>/seed-<seed>/    return, length, component/<name>, fitness, fitness/checkpoint over steps
"""

from __future__ import annotations

import collections
import contextlib
import importlib.util
import json
import math
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from eureka_cli import event_files
from eureka_cli.config import RunConfig
from eureka_cli.core import Json
from eureka_cli.errors import RunError, UsageError
from eureka_cli.store import RunFolder, read_json

KEPT = (
    *("PATH", "HOME", "USER", "LANG", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
"""The only variables of ours that reach a tracker, besides its own."""
OWN = {"wandb": ("WANDB_",), "trackio": ("TRACKIO_", "HF_")}
"""How a tracker's own variables begin; Trackio may keep its pages at Hugging Face."""
LAST_WORDS_S = 60.0
"""A tracker may take at the end of a run to bring home what it was told."""


class Row(NamedTuple):
    """Numbers of one policy at one moment of its training."""

    place: str
    """`<candidate>/seed-<seed>`"""
    step: int
    """Environment steps it was trained."""
    values: dict[str, float]


def check(config: RunConfig) -> None:
    """Raises UsageError where the tracker asked for is not installed."""
    name = config.tracker.name
    if name != "none" and importlib.util.find_spec(name) is None:
        raise UsageError(f"{name} is not installed. Install it: pip install 'reward-synth[{name}]'")


class Tracking:
    """Takes a run's events, hands on the rows that are new."""

    def __init__(self, folder: RunFolder, config: RunConfig, *, blind: bool) -> None:
        self._folder, self._config, self._blind = folder, config, blind
        self._seen: dict[tuple[str, str], int] = {}
        self._sinks: list[Callable[[Row], None]] = []
        self._process: Process | None = None

    def _begin(self) -> None:
        if self._config.tracker.tensorboard:
            self._sinks.append(event_files.Writer(self._folder.path / "tensorboard"))
        if self._config.tracker.name != "none":
            self._process = Process(self._folder, self._config)
            self._sinks.append(self._process)

    def __call__(self, event: dict[str, Json]) -> None:
        if event["event"] == "run-start":
            self._begin()
            for past in self._folder.events():  # a resumed run does not say again what it stands on
                with contextlib.suppress(RunError):  # cleaned away, to be made again
                    self._tell(past)
        self._tell(event)

    def _tell(self, event: dict[str, Json]) -> None:
        if not self._sinks:
            return
        for row in self._rows(event):
            values = {name: value for name, value in row.values.items() if self._is_new(row, name, value)}
            for sink in self._sinks:
                if values:
                    sink(row._replace(values=values))

    def _is_new(self, row: Row, name: str, value: float) -> bool:
        if not math.isfinite(value) or self._seen.get((row.place, name), -1) >= row.step:
            return False
        self._seen[row.place, name] = row.step
        return True

    def _rows(self, event: dict[str, Json]) -> Iterator[Row]:
        if event["event"] in ("job-done", "job-reused") and event["address"].startswith("train/"):
            yield from self._trained(event["address"])
        elif event["event"] == "score" and not self._blind and not event["failure"]:
            for job, evaluation in zip(event["jobs"], event["evaluations"], strict=True):
                yield from self._judged(job, evaluation, event["steps"])

    def _trained(self, address: str) -> Iterator[Row]:
        curve = self._result(address).get("curve", {})
        place = self._place(address)
        for k, steps in enumerate(curve.get("steps", [])):
            yield Row(place, int(steps), {name: values[k] for name, values in curve.items() if name != "steps"})

    def _judged(self, job: str, evaluation: str, steps: int) -> Iterator[Row]:
        """Fitness of the policy that would be shipped, and of every checkpoint where they were judged too."""
        found, place = self._result(evaluation), self._place(job)
        yield Row(place, steps, {"fitness": found["score"]["fitness"]})
        for step, fitness in zip(self._result(job)["curve"]["steps"], found["curve"], strict=False):
            yield Row(place, int(step), {"fitness/checkpoint": fitness})

    def _place(self, address: str) -> str:
        spec = read_json(self._folder.find(address) / "job.json")["spec"]
        return f"{spec['candidate']}/seed-{spec['seed']}"

    def _result(self, address: str) -> dict[str, Json]:
        found: dict[str, Json] = read_json(self._folder.find(address) / "result.json")["result"]
        return found

    def close(self) -> None:
        if self._process:
            self._process.close()


class Process:
    """A tracker in a process of its own. What it does not read at once is kept until it does."""

    def __init__(self, folder: RunFolder, config: RunConfig) -> None:
        self._name = config.tracker.name
        self._log = folder.path / "tracker.txt"
        about = {"project": config.tracker.project, "name": folder.name, "folder": str(folder.path)}
        settings = config.model_dump(mode="json", exclude_none=True, exclude={"model_options"})
        self._unsent = collections.deque([_line({**about, "config": settings})])
        own = OWN[self._name]
        environment = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(own)}
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "eureka_cli.trackers", self._name],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        assert self._child.stdin is not None
        self._pipe = self._child.stdin.fileno()
        os.set_blocking(self._pipe, False)
        self._send()

    def __call__(self, row: Row) -> None:
        values = {f"{row.place}/{name}": value for name, value in row.values.items()}
        self._unsent.append(_line({**values, f"{row.place}/steps": row.step}))
        self._send()

    def _send(self) -> None:
        """As much as it takes now; a tracker that died costs the curves there, never the run."""
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            while self._unsent:
                written = os.write(self._pipe, self._unsent[0])
                rest = self._unsent.popleft()[written:]
                if rest:
                    self._unsent.appendleft(rest)

    def close(self) -> None:
        """Wait for what is unsent and for its last words, but no longer than LAST_WORDS_S together."""
        until = time.monotonic() + LAST_WORDS_S
        while self._unsent and self._child.poll() is None and time.monotonic() < until:
            select.select([], [self._pipe], [], 1.0)
            self._send()
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.close()
        try:
            status = self._child.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        if status:
            print(f"{self._name} kept no curves or not all of them; {self._log} says why.", file=sys.stderr)


def _line(value: dict[str, Json]) -> bytes:
    return json.dumps(value).encode() + b"\n"
