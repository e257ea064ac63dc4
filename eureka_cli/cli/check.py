"""reward-synth check: would this reward file pass, and if not, why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    file: Annotated[Path, typer.Argument(help="A file that defines compute_reward.")],
    task: Annotated[str | None, typer.Option(help="The task it is for.")] = None,
    env: Annotated[str | None, typer.Option(help="Instead of a task: a registered Gymnasium id.")] = None,
    fitness: Annotated[str | None, typer.Option(help="With --env: a file with fitness(trajectory) -> float.")] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting: key=value, e.g. params.rung=free.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Lint a reward, probe it in the sandbox and judge it on the task's rollout bank, as before any training.

    Exits with 1 when it is refused. The bank is built on first use.

    Example: reward-synth check my_reward.py --task pen_spin
    """
    import json as encoder

    from eureka_cli import config as settings
    from eureka_cli.cli import scratch

    resolved = settings.load(
        None, {"task": task, "env": env, "goal": "check" if env else None, "fitness": fitness}, set_ or []
    )
    code = scratch.read_text(file)
    with scratch.run_in(resolved, runs / ".check") as run:
        findings = scratch.judge(run, code)
    if json:
        print(encoder.dumps([finding.model_dump() for finding in findings], indent=1))
    else:
        for finding in findings:
            print(scratch.finding_text(finding, file.name))
    refused = any(finding.severity == "error" for finding in findings)
    if not json:
        print(f"{file}: {'refused' if refused else 'accepted'}.")
    if refused:
        raise typer.Exit(1)
