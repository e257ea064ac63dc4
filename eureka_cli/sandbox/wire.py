"""The format both sides of a reward process speak: small frames over pipes, arrays in shared memory. No pickle.

A frame is a kind, a length and bytes. Shapes come from the trusted side alone; what comes back is names and float64.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping

HEADER = struct.Struct("<BI")
CALL = struct.Struct("<IIBI")
"""steps T, environments N, whether memory is handed in, its width K."""
WIDTH = struct.Struct("<I")
"""Of the memory; before the component names in an answer."""
SPAWN = struct.Struct("<QQ")
"""Sizes of the two shared buffers."""

HELLO, SETUP, READY, CALLED, RESULT, FAILED = range(1, 7)
WITH_MEMORY, WITHOUT_MEMORY = b"memory", b"-"
"""What READY carries: whether the reward has memory."""
LARGEST_FRAME = 1 << 20
MOST_COMPONENTS = 32
LARGEST_MEMORY = 64
FLOAT = 8
NAME = r"[A-Za-z][A-Za-z0-9_.\- ]{0,47}"
LONGEST_MESSAGE = 500


def frame(kind: int, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind, len(payload)) + payload


def read_exactly(fd: int, count: int) -> bytes:
    """`count` bytes of a pipe; EOFError when the other side is gone."""
    parts = []
    while count:
        part = os.read(fd, count)
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_frame(fd: int) -> tuple[int, bytes]:
    kind, length = HEADER.unpack(read_exactly(fd, HEADER.size))
    if length > LARGEST_FRAME:
        raise EOFError
    return kind, read_exactly(fd, length)


def whole_frame(data: bytes | bytearray) -> tuple[int, bytes] | None:
    """The one frame `data` holds, None while it is incomplete. ValueError when it is too large, or more than one."""
    if len(data) < HEADER.size:
        return None
    kind, length = HEADER.unpack_from(data)
    if length > LARGEST_FRAME or len(data) > HEADER.size + length:
        raise ValueError("no single frame")
    return (kind, bytes(data[HEADER.size :])) if len(data) == HEADER.size + length else None


def write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def size_of(shape: tuple[int, ...]) -> int:
    count = 1
    for extent in shape:
        count *= extent
    return count


def input_layout(
    fields: Mapping[str, tuple[int, ...]], action_shape: tuple[int, ...], rows: int
) -> tuple[dict[str, int], int]:
    """Where each array starts in the input buffer, in floats, and the buffer's length in floats."""
    offsets, position = {}, 0
    for side in ("state", "next_state"):
        for name, shape in fields.items():
            offsets[f"{side}/{name}"] = position
            position += rows * size_of(shape)
    for name, size in (("action", size_of(action_shape)), ("starts", 1), ("memory", LARGEST_MEMORY)):
        offsets[name] = position
        position += rows * size
    return offsets, position


def output_floats(rows: int) -> int:
    """Length of the output buffer: the total, every component, the memory."""
    return rows * (1 + MOST_COMPONENTS + LARGEST_MEMORY)
