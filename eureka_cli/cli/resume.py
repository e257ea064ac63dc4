"""reward-synth resume: go on where a run stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Raise a limit: budget.hours=2. Other settings are fixed.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Continue an interrupted run. What is finished is read from disk; nothing is done twice.

    Example: reward-synth resume 2026-11-24-pen_spin-eureka
    """
    from eureka_cli.cli import session

    folder = session.find_run(run, runs)
    resolved = session.read_config(folder, set_ or [])
    session.search(folder, resolved, session.find_task(resolved), as_json=json)
