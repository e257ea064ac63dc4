"""TensorBoard's event files, written without it: records of a length, the protobuf of an Event, and checksums.

The format is TFRecord (tensorflow/core/lib/io/record_writer.cc) around Event (tensorflow/core/util/event.proto); only
scalars are written. TensorBoard and everything that reads its files read these.
"""

from __future__ import annotations

import struct
import time
from pathlib import Path
from typing import Protocol

FILE = "events.out.tfevents.1.reward-synth"
CASTAGNOLI = 0x82F63B78
"""Of CRC-32C, bits reversed."""
MASK = 0xA282EAD8
"""TFRecord's: a checksum of checksums is to differ from them."""


class Scalars(Protocol):
    @property
    def place(self) -> str: ...

    @property
    def step(self) -> int: ...

    @property
    def values(self) -> dict[str, float]: ...


class Writer:
    """One file a place below a folder. A process begins its files anew: a resumed run tells all of it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begun: set[str] = set()

    def __call__(self, row: Scalars) -> None:
        file = self._folder / row.place / FILE
        data = record(scalars(time.time(), row.step, row.values))
        if row.place not in self._begun:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(record(_double(1, time.time()) + _bytes(3, b"brain.Event:2")))
            self._begun.add(row.place)
        with file.open("ab") as stream:
            stream.write(data)


def record(data: bytes) -> bytes:
    """TFRecord: length, its checksum, data, their checksum."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def scalars(wall_s: float, step: int, values: dict[str, float]) -> bytes:
    """An Event: wall_time = 1, step = 2, summary = 5; a Summary of Values: tag = 1, simple_value = 2."""
    summary = b""
    for name, value in values.items():
        single = min(max(value, -3.4e38), 3.4e38)
        summary += _bytes(1, _bytes(1, name.encode()) + b"\x15" + struct.pack("<f", single))
    return _double(1, wall_s) + b"\x10" + _varint(step) + _bytes(5, summary)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, the least first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def masked(data: bytes) -> int:
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (CASTAGNOLI if value & 1 else 0)
    return value


TABLE = [_entry(byte) for byte in range(256)]
