"""A document that keeps tables between markers (`<!-- bench:NAME -->`), and pictures beside it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from eureka_cli.errors import UsageError
from eureka_cli.store import write_atomic


def check(file: Path, names: Iterable[str]) -> str:
    """The document's text. Raises UsageError where a benchmark's markers do not stand in it once each, in order."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}. Give a file that has the markers.") from None
    for name in names:
        start, end = _markers(name)
        if text.count(start) != 1 or text.count(end) != 1 or text.index(start) > text.index(end):
            raise UsageError(f"{file} needs the lines {start} and {end} once each, where the tables are to stand.")
    return text


def put(file: Path, parts: dict[str, str]) -> None:
    """Replace what stands between the markers of each name; the rest stays to the byte."""
    text = check(file, parts)
    for name, part in parts.items():
        start, end = _markers(name)
        before, rest = text.split(start)
        after = rest.split(end)[1]
        text = f"{before}{start}\n{part.strip()}\n{end}{after}"
    write_atomic(file, text)


def draw(document: Path, name: str, picture: str) -> None:
    """Keep a picture where the document shows it from."""
    write_atomic(document.parent / "pictures" / f"{name}.svg", picture)


def _markers(name: str) -> tuple[str, str]:
    return f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
