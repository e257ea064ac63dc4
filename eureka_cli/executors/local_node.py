"""One job from elsewhere on this machine: unpacked, run by the local executor behind this machine's walls, packed.

What a node must have is checked here, where it counts: the sender's program and releases, and a sandbox that holds
(the job server proves it as it starts). What is wrong goes back as the job's error. No key of anybody's gets in: the
job server starts with a built environment here too.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path

from eureka_cli import parcels, program
from eureka_cli.core import Json
from eureka_cli.errors import RewardSynthError, UsageError
from eureka_cli.executors import local
from eureka_cli.store import write_json

WRITTEN = "node.json"
"""In the job's folder: where it ran, and behind what."""

_servers: dict[str, local.Local] = {}
"""At most one, kept between jobs, with what it was started for."""


def perform(parcel: bytes) -> Iterator[dict[str, Json] | bytes]:
    """The job's events as they come; its answer last, the only bytes."""
    with tempfile.TemporaryDirectory(prefix="reward-synth-") as home:
        folder, sender = parcels.unpack(parcel, Path(home), _cache())
        isolation = ""
        try:
            _check(sender)
            server = _server(sender["executor"])
            for event in server.events([folder]):
                if event["event"] != "end":
                    yield event
            isolation = server.isolation
        except RewardSynthError as error:
            problem = f"On node {platform.node()}: {error}"
            write_json(folder / "error.json", {"kind": type(error).__name__, "message": problem, "traceback": ""})
        write_json(folder / WRITTEN, {"node": platform.node(), "isolation": isolation})
        yield parcels.pack_answer(folder)


def sender(config: local.Config) -> Json:
    """What a node must know of us."""
    executor = {"cores": 1, "allow_unconfined": config.allow_unconfined, "isolation": config.isolation}
    return {"program": program.fingerprint(), "versions": program.versions(), "executor": executor}


def _check(sender: Json) -> None:
    """Keys promise that equal jobs give equal results: another program or release would break that."""
    here = program.versions()
    other = [
        f"{name} {here[name]}, not {release}" for name, release in sender["versions"].items() if here[name] != release
    ]
    if other:
        raise UsageError(f"it has {', '.join(other)}. Install the same releases on every node.")
    if program.fingerprint() != sender["program"]:
        raise UsageError("it has another version of reward-synth. Install the same one on every node.")


def _server(config: Json) -> local.Local:
    """Keep the job server: it starts in a second, a job in milliseconds. Which GPU it sees is settled at its start."""
    wanted = json.dumps([config, os.environ.get("CUDA_VISIBLE_DEVICES")])
    if wanted not in _servers:
        for other in _servers.values():
            other.close()
        _servers.clear()
        _servers[wanted] = local.start(local.Config.model_validate(config))
    return _servers[wanted]


def _cache() -> Path:
    """Settled starts and compiled programs, kept between jobs of this node. In the person's own home: others may write
    to /tmp."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = root / "reward-synth"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
