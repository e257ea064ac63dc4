"""reward-synth clean: free the space of what can be made again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[list[str] | None, typer.Argument(help="Runs by name or folder; all, and what they share.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON; removes with --yes alone.")] = False,
) -> None:
    """Remove arrays that can be made again: policies and checkpoints of losers, banks, baselines, cut-off jobs.

    Results, answers, rewards, reports, films and the best policies stay. A run that is being worked on is not touched,
    nor is what runs share as long as there is one.

    Example: reward-synth clean --yes
    """
    import json as encoder
    import sys

    from eureka_cli.cli import cleaning, session
    from eureka_cli.errors import UsageError

    everything = cleaning.runs_in(runs)
    wanted = [session.find_run(name, runs) for name in run] if run else everything
    busy = [folder.name for folder in everything if folder.is_locked()]
    idle = [folder for folder in wanted if not folder.is_locked()]
    found = [(folder, cleaning.part(folder)) for folder in idle]
    parts = [part for _, part in found if part.files]
    common = [] if run or busy else [part for part in [cleaning.shared(runs)] if part.files]
    rows = [{"name": part.name, "files": len(part.files), "bytes": part.freed} for part in (*parts, *common)]
    if json:
        print(encoder.dumps({"clean": rows, "busy": busy, "removed": yes}, indent=1))
    else:
        for part in (*parts, *common):
            print(f"{part.freed / 1e6:10,.1f} MB  {part.name}: {part.what} ({len(part.files)} files)")
        for name in busy:
            print(f"{name} is being worked on: it and what runs share stay as they are.")
        print(f"{sum(part.freed for part in (*parts, *common)) / 1e6:10,.1f} MB in all")
    if not rows or (json and not yes):
        return
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("Nothing was removed. Say so without being asked: reward-synth clean --yes")
        typer.confirm("Remove it?", abort=True)
    for folder, part in found:
        with folder.lock():
            cleaning.remove(part)
    for part in common:
        cleaning.remove(part)
