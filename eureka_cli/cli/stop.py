"""reward-synth stop: end a run so that it can go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PATIENCE_S = 60.0


def command(
    run: Annotated[list[str], typer.Argument(help="Runs by name, or their folders.")],
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
) -> None:
    """Stop running runs as Ctrl-C would: what is finished is kept, and `reward-synth resume RUN` goes on.

    Example: reward-synth stop demo
    """
    import time

    from eureka_cli.cli import session
    from eureka_cli.errors import RunError
    from eureka_cli.store import LOCK_POLL_S
    from eureka_cli.web import processes

    for folder in [session.find_run(name, runs) for name in run]:
        processes.stop(folder)
        end = time.monotonic() + PATIENCE_S
        while folder.is_locked():
            if time.monotonic() > end:
                raise RunError(f"{folder.name} was told to stop {PATIENCE_S:g} s ago and has not yet. Try again.")
            time.sleep(LOCK_POLL_S)
        print(f"{folder.name} has stopped. Go on with: reward-synth resume {folder.name}")
