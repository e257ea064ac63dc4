"""Arrays read back from .npz files: as data, never unpickled; a file that is none is one sentence."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from eureka_cli.core import Array
from eureka_cli.errors import UsageError

BROKEN = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RuntimeError),
    *(SyntaxError, zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError),
)
"""What NumPy and zipfile raise on bytes that are no archive of plain arrays, and readers where an array is missing."""
CURE = "Bring it back from a copy, or delete the folder of the job that made it and resume."


@contextmanager
def readable(file: Path, cure: str = CURE) -> Iterator[None]:
    """UsageError with the cure where what is done inside shows that a file is not what it should be."""
    try:
        yield
    except BROKEN as error:
        why = getattr(error, "strerror", None) or "it is no .npz of plain arrays"
        raise UsageError(f"{file} cannot be read: {why}. {cure}") from None


def read(file: Path, cure: str = CURE) -> dict[str, Array]:
    """Arrays by name; UsageError where there are none. Nothing here writes half a file: something damaged it since."""
    # NumPy leaves a broken file open that it opened itself.
    with readable(file, cure), file.open("rb") as stream, np.load(stream, allow_pickle=False) as saved:
        return {name: saved[name] for name in saved.files}
