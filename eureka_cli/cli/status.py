"""reward-synth status: every run, how far it is, and how to go on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List runs, sweeps' too: state, round, candidates trained, best search fitness, how far up a climb is, cost.

    Example: reward-synth status
    """
    import json as encoder
    import sys

    from eureka_cli.cli import cleaning
    from eureka_cli.errors import RewardSynthError
    from eureka_cli.reports import history

    found = []
    for folder in cleaning.runs_in(runs):
        try:
            found.append(history.progress(folder))
        except RewardSynthError as error:  # one damaged run hides no other
            print(f"{folder.name} cannot be read: {error}", file=sys.stderr)
    if json:
        print(encoder.dumps(found, indent=1))
        return
    if not found:
        print(f"No run in {runs}/. Start one: reward-synth run --task pen_spin")
    for row in found:
        best = "" if row["best_fitness"] is None else f", best so far {row['best_fitness']:.3g}"
        done = f"round {row['round']}, {row['trained']} of {row['answers']} answers trained{best}"
        print(f"{row['run']}: {row['state']}. {row['task']} by {row['model']}; {done}; {row['cpu_s']:.0f} CPU-s")
        for climber in row["climb"]:
            print(f"  {climber['says']}")
        if row["questions"] and row["state"] != "done":
            print(f"  a question waits for you: reward-synth answer {row['run']}")
        if row["state"] not in ("done", "running"):
            print(f"  go on: reward-synth resume {row['run']}")
