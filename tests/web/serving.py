"""The page served by a process of its own, as a person serves it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from program import start


class Served(NamedTuple):
    process: object
    address: str
    """http://host:port, and the token where there is one."""

    @property
    def port(self) -> int:
        return urlsplit(self.address).port

    def client(self, **more) -> httpx.Client:
        """Somebody who posts as this page's own forms do."""
        base = f"http://127.0.0.1:{self.port}"
        return httpx.Client(base_url=base, headers={"Origin": base}, timeout=120, trust_env=False, **more)


@contextmanager
def serving(folder: Path, *more: str, port: int = 0) -> Iterator[Served]:
    process = start(folder, "ui", "--port", str(port), *more)
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + process.stderr.read()
        yield Served(process, found[0])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines() if line.endswith("}")]
