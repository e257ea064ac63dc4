"""reward-synth check-task: does a task keep what this program relies on, and if not, what cures it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    task: Annotated[str | None, typer.Argument(help="The name of a task.")] = None,
    env: Annotated[str | None, typer.Option(help="Instead of a task: a registered Gymnasium id.")] = None,
    fitness: Annotated[str | None, typer.Option(help="With --env: a file with fitness(trajectory) -> float.")] = None,
    env_arg: Annotated[list[str] | None, typer.Option(help="With --env: NAME=VALUE it is made with.")] = None,
    import_: Annotated[
        list[str] | None, typer.Option("--import", help="With --env: a package or .py file that registers it.")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting: key=value, e.g. params.rung=free.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Check a task: shapes, seeds, endings, documentation, pausing, actions, fitness; one line a check.

    Trains nothing and asks no model; the task's code runs in a job, as always. Exits with 1 when a check fails.

    Example: reward-synth check-task pen_spin
    """
    import json as encoder

    from eureka_cli import config as settings
    from eureka_cli.cli import scratch

    flags = {
        **{"task": task, "env": env, "goal": "check" if env else None, "fitness": fitness},
        "env_args": settings.arguments(env_arg) if env_arg else None,
        "imports": import_ or None,
    }
    with scratch.run_in(settings.load(None, flags, set_ or []), runs / ".check-task") as run:
        checks = scratch.conform(run)
    if json:
        print(encoder.dumps(checks, indent=1))
    else:
        for check in checks:
            print(f"{check['verdict']:7}  {check['name']:13}  {check['said']}")
    broken = [check for check in checks if check["verdict"] == "failed"]
    if not json:
        name = task or env
        print(f"{name}: {len(broken)} of {len(checks)} checks failed." if broken else f"{name}: all checks passed.")
    if broken:
        raise typer.Exit(1)
