"""reward-synth refine: go on from what a run found, with a person who judges it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """Examples:

reward-synth refine my_run

reward-synth refine my_run --rank "B > A" --words "it hops, but it should run" --veto height

reward-synth refine my_run --code my_edit.py --method eureka --rounds 2
"""


def command(
    run: Annotated[str, typer.Argument(help="Name of a run, finished or not, or its folder.")],
    rank: Annotated[
        str | None, typer.Option(help="Best first, ties with =; letters or ids. The first one is gone on from.")
    ] = None,
    words: Annotated[str, typer.Option(help="What the model should hear.")] = "",
    veto: Annotated[
        list[str] | None, typer.Option(help="A component that must not be paid for; may be repeated.")
    ] = None,
    code: Annotated[Path | None, typer.Option(help="Go on from this reward: your edit of one of them.")] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Edit the first one's code in $EDITOR before going on.")] = False,
    method: Annotated[str, typer.Option(help="icpl: you judge every round. eureka: fitness does, you may remark.")] = (
        "icpl"
    ),
    rounds: Annotated[int | None, typer.Option(help="Rounds of the search.")] = None,
    samples: Annotated[int | None, typer.Option(help="Candidates asked for in a round.")] = None,
    person: Annotated[str | None, typer.Option(help="Who judges: me (unless said), simulated:RATE, or judge.")] = None,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")] = False,
) -> None:
    """Show a run's best rewards, hear which is best and why, and go on from it in a new run, RUN-refine-1.

    On a terminal you are asked here; elsewhere questions wait for `reward-synth answer`. Ctrl-C loses nothing.
    """
    import sys

    from eureka_cli import people
    from eureka_cli.cli import refining, scratch, session, terminal

    old = session.find_run(run, runs)
    at_terminal = sys.stdin.isatty() and not json
    config = refining.config(
        old, method=method, rounds=rounds, samples=samples, person=person, waits=at_terminal or person is not None
    )
    question = refining.question(old)
    print(terminal.shown(question, old), file=sys.stderr)
    if at_terminal and not (rank or words or veto or code or edit):
        given = terminal.asked(question, old)
    else:
        ranks = people.ranking(rank, [option.name for option in question.options]) if rank else ()
        asked, written = people.comparisons(ranks), scratch.read_text(code) if code else ""
        given = people.Answer(by="person", ranks=ranks, words=words, veto=tuple(veto or ()), code=written, asked=asked)
    if edit:
        chosen = refining.first(question, given)
        given = given.model_copy(update={"code": terminal.edited(question, chosen.name, old)})
    folder, config = refining.begin(old, question, given, config)
    session.search(folder, config, session.find_task(config), as_json=json, at_terminal=at_terminal)
