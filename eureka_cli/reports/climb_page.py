"""climb.html: where a climb stands, for a person who follows it for half an hour; the films lie beside it."""

from __future__ import annotations

from pathlib import Path

from eureka_cli import prompts
from eureka_cli.reports import climb
from eureka_cli.store import RunFolder, write_atomic


def write(folder: RunFolder) -> None:
    """Write climb.html from the log so far, where a climb has begun."""
    events = folder.events()
    found = climb.told(events)
    if found is None:
        return
    films = [
        (str(Path(film["file"]).relative_to(folder.path)), f"{climb.where(film['params'])}, {film['steps']:,} steps")
        for film in found["films"]
    ]
    page = prompts.page(
        "report/climb",
        title=folder.name,
        climb=climb,
        found=found,
        lines=[climb.in_a_line(way) for way in climb.ways(events)],
        curves=climb.curves(found),
        films=films,
    )
    write_atomic(folder.path / "climb.html", page)
