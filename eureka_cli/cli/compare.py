"""reward-synth compare: finished runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

reward-synth compare demo mine

reward-synth compare runs/2026-* --by model --page models.html

reward-synth compare a0 a1 a2 a3 b0 b1 b2 b3 --by racing

reward-synth compare demo mine --json
"""


def command(
    run: Annotated[list[str], typer.Argument(help="Names of finished runs, or their folders; two at least.")],
    by: Annotated[
        str | None,
        typer.Option(help="Group runs into sides by a setting: model, method, trainer, racing, seed, params.rung, ..."),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Also write one HTML page with charts.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compare finished runs: fitness with intervals, cost, and whether they differ by more than chance.

    Without --by, every two runs of a task are compared by their fresh seeds: which reward is better. With --by, sides
    are compared over the tasks all of them have, run by run: which way of searching is better. docs/statistics.md says
    what the numbers mean.
    """
    import json as encoder

    from eureka_cli.cli import session
    from eureka_cli.errors import UsageError
    from eureka_cli.reports import compare, compare_page, compare_sides
    from eureka_cli.store import write_atomic

    folders = {folder.path: folder for folder in (session.find_run(name, runs) for name in run)}
    if len(folders) < 2:
        raise UsageError("Name two different runs at least. See: reward-synth status")
    found, left_out = compare.read(list(folders.values()))
    if len(found) < 2:
        raise UsageError("Nothing to compare: " + " ".join(f"{sentence}." for sentence in left_out))
    told = compare.compare(found)
    told["left_out"] = left_out
    told["by"] = compare_sides.compare(found, compare_sides.setting(found, by)) if by else None
    if page is not None:
        write_atomic(page, compare_page.html(told))
    print(encoder.dumps(told, indent=1) if json else compare_page.text(told))
