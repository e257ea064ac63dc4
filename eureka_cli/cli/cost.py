"""reward-synth cost: what runs have cost, certainly and possibly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[list[str] | None, typer.Argument(help="Runs by name or folder; all unless said.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """What each run and all together cost: CPU-time, environment steps, tokens, dollars.

    Dollars and tokens of answers that came are certain. A call that was cut off may have been paid: the most it can
    have cost is told beside.

    Example: reward-synth cost
    """
    import json as encoder

    from eureka_cli.cli import cleaning, session
    from eureka_cli.reports import account

    folders = [session.find_run(name, runs) for name in run] if run else cleaning.runs_in(runs)
    rows = {folder.name: account.of(folder) for folder in folders}
    whole = account.together(list(rows.values()))
    if json:
        told = {name: account.as_json(spent) for name, spent in rows.items()}
        print(encoder.dumps({"runs": told, "total": account.as_json(whole)}, indent=1))
        return
    for name, spent in rows.items():
        print(f"{name}: {account.text(spent)}")
    if len(rows) != 1:
        print(f"total of {len(rows)} runs: {account.text(whole)}")
