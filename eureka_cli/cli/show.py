"""reward-synth show: what became of every answer of a run, or one candidate in full."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    candidate: Annotated[str | None, typer.Argument(help="Id of a candidate, or how it begins; `best`.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show a run's answers, or a candidate's code, findings and curves.

    Examples: reward-synth show demo, reward-synth show demo best, reward-synth show demo 91954d
    """
    import json as encoder

    from eureka_cli.cli import session
    from eureka_cli.errors import UsageError
    from eureka_cli.reports import history

    folder = session.find_run(run, runs)
    answers = history.answers(folder)
    if candidate is not None:
        wanted = history.best(folder) if candidate == "best" else candidate
        answers = [answer for answer in answers if wanted and answer.candidate.startswith(wanted)][:1]
        if not answers:
            raise UsageError(f"No candidate {candidate!r} in {folder.name}. See: reward-synth show {folder.name}")
    if json:
        print(encoder.dumps([history.as_json(answer) for answer in answers], indent=1))
    elif candidate is not None:
        print(history.in_full(answers[0]))
    else:
        print("\n".join(history.in_a_line(answer) for answer in answers) or "No answer yet.")
