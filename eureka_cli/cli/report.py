"""reward-synth report: one page to mail to a colleague."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[str, typer.Argument(help="Name of a finished run, or its folder.")],
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write report.html from what the run folder holds, and print the summary.

    The page is one file: result with intervals, lineage, code with differences, curves, video, every refused candidate
    with its findings, prompts and answers, cost, isolation, versions.

    Example: reward-synth report demo
    """
    import json as encoder

    from eureka_cli.cli import session
    from eureka_cli.reports import page, summary

    folder = session.find_run(run, runs)
    session.must_be_done(folder)
    page.write(folder)
    found = summary.compute(folder)
    print(encoder.dumps(found, indent=1) if json else summary.text(found))
