"""Arrays read back from .npz files: as data, never unpickled; a file that is none is one sentence."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from eureka_cli.core import Array
from eureka_cli.errors import UsageError

BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, AttributeError)
"""What NumPy and zipfile raise on bytes that are no archive of plain arrays."""


def read(file: Path, *, cure: str) -> dict[str, Array]:
    """Arrays by name. Raises UsageError with the cure."""
    try:
        with np.load(file, allow_pickle=False) as saved:
            return {name: saved[name] for name in saved.files}
    except BROKEN as error:
        why = getattr(error, "strerror", None) or "it is no .npz of plain arrays"
        raise UsageError(f"{file} cannot be read: {why}. {cure}") from None


def of_job(file: Path) -> dict[str, Array]:
    """Arrays that a job left; nothing here writes half of them, so what is no archive was damaged since."""
    return read(file, cure="Bring it back from a copy, or delete the folder of the job that made it and resume.")
