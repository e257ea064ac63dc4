"""What must be the same wherever a job runs: this program's source, and the releases its numbers hang on."""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path

from eureka_cli.core import digest


def versions() -> dict[str, str]:
    """Packages whose release may change numbers; part of every key that follows a measurement."""
    return {name: importlib.metadata.version(name) for name in ("numpy", "mujoco", "mjbatch", "gymnasium")}


def fingerprint() -> str:
    """Names the source of this program. Worlds and prompts are not in it: what a job needs of them goes with it."""
    home = Path(__file__).parent
    files = sorted(file for file in home.rglob("*.py") if "_data" not in file.relative_to(home).parts)
    return digest({str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files})
