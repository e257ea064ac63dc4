"""Runs jobs on a Ray cluster: one task a job, its folder there and back as bytes. Extra: `reward-synth[ray]`.

Ray schedules and tells who died; what runs on a node is local_node.py. docs/executors.md.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from eureka_cli import parcels
from eureka_cli.core import Json
from eureka_cli.errors import UsageError
from eureka_cli.executors import local_lending, local_node
from eureka_cli.executors.local_lending import Lost

TICK_S = 1.0
CONNECT_S = 10.0
GIB = 1 << 30


class Config(local_lending.Config):
    address: str = "auto"
    """HOST:PORT of the cluster's head; `auto` takes the one this machine belongs to, or RAY_ADDRESS."""


class Ray:
    """A driver of the cluster, from the first job on until `close`."""

    apart = True
    """Jobs go elsewhere with nothing but their own folder: none runs as part of another."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.isolation = ""
        """The weakest any node had."""
        self._tasks: dict[Any, Path] = {}
        """By the stream of its words."""
        self._told = ""

    def execute(self, folders: Sequence[Path], on_event: Callable[[dict[str, Json]], None]) -> Iterator[Path]:
        for folder in local_lending.lend(self, folders, on_event, at_most=self.config.cores):
            self.isolation = local_lending.weakest(self.isolation, folder)
            yield folder

    def close(self) -> None:
        import ray

        ray.shutdown()

    # ------------------------------------------------------------ a cluster that jobs are lent to

    def send(self, folders: Sequence[Path]) -> None:
        import ray

        self._connect()
        sender = local_node.sender(self.config)
        for folder in folders:
            memory = None if self.config.memory_gb is None else int(self.config.memory_gb * GIB)
            task = ray.remote(perform).options(
                num_cpus=self.config.cpus,
                num_gpus=self.config.gpus_of(folder),
                memory=memory,
                num_returns="streaming",
                max_retries=0,  # a loss is told before the job runs again
                scheduling_strategy="SPREAD",
            )
            self._tasks[task.remote(parcels.pack(folder, sender))] = folder

    def hear(self) -> Iterator[tuple[Path, dict[str, Json] | bytes | Lost]]:
        import ray

        ready, _ = ray.wait(list(self._tasks), num_returns=1, timeout=TICK_S)
        for words in ready:
            folder = self._tasks[words]
            try:
                word = ray.get(next(words))
            except ray.exceptions.RayError as error:
                del self._tasks[words]
                yield folder, Lost(str(error).split(". ")[0].splitlines()[0])
                continue
            event = None if isinstance(word, bytes) else json.loads(word)
            if event is not None and "failed" not in event:
                yield folder, event
                continue
            del self._tasks[words]
            yield folder, word if event is None else Lost(event["failed"])
        if not ready and (lacking := self._lacking()) != self._told:
            self._told = lacking
            if lacking:
                yield next(iter(self._tasks.values())), {"event": "executor-waits", "why": lacking}

    def drop(self, folders: Sequence[Path]) -> None:
        import ray

        for words, folder in list(self._tasks.items()):
            if folder in folders:
                ray.cancel(words, force=True)
                del self._tasks[words]

    def _connect(self) -> None:
        import ray

        if ray.is_initialized():
            return
        address = os.environ.get("RAY_ADDRESS", "auto") if self.config.address == "auto" else self.config.address
        try:
            _reach(address)
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (OSError, RuntimeError, ValueError) as error:
            first = str(error).strip().splitlines()[0].rstrip(".")
            raise UsageError(
                f"No Ray cluster at {address!r}: {first}. Start one (ray start --head), or say where it is:"
                " --set executor.address=HOST:6379"
            ) from None

    def _lacking(self) -> str:
        """What no node of the cluster has as much of as some job asks for; empty where all can run some time."""
        import ray

        asked = {"CPU": float(self.config.cpus), "GPU": max(map(self.config.gpus_of, self._tasks.values()), default=0)}
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        for what, count in asked.items():
            if count and all(node.get(what, 0) < count for node in nodes):
                setting = f"executor.{what.lower()}s"
                return f"waiting for a node with {count:g} {what}, which Ray has not; {setting} is what jobs ask for"
        return ""


def _reach(address: str) -> None:
    """OSError where nobody listens: Ray itself would try for minutes."""
    if "://" in address:
        raise ValueError("it is one of Ray Client's, and jobs go from a machine of the cluster only")
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host, int(port)), timeout=CONNECT_S).close()


def perform(parcel: bytes) -> Iterator[str | bytes]:
    """What a task does. Only text and bytes cross from node to node: an exception would come as a pickle."""
    try:
        for word in local_node.perform(parcel):
            yield word if isinstance(word, bytes) else json.dumps(word)
    except Exception as error:
        yield json.dumps({"failed": f"{type(error).__name__} on {platform.node()}: {error}"})


def start(config: Config) -> Ray:
    if importlib.util.find_spec("ray") is None:
        raise UsageError("Ray is not installed. Install it here and on every node: pip install 'reward-synth[ray]'")
    return Ray(config)
