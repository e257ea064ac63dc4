"""reward-synth answer: what a run waits to hear from a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

EPILOG = """Examples:

reward-synth answer my_run

reward-synth answer my_run --rank "B > A = C" --words "B is smooth, but it leans"

reward-synth answer my_run --none --words "they all drag a leg"

reward-synth answer my_run --undo
"""


def command(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    rank: Annotated[
        str | None, typer.Option(help="Best first, ties with =; letters or ids; leave out whom you do not judge.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="None of these is any good.")] = False,
    words: Annotated[str, typer.Option(help="Anything the model should hear.")] = "",
    code: Annotated[
        Path | None, typer.Option(help="A reward you wrote or edited; it is tested like any other.")
    ] = None,
    veto: Annotated[
        list[str] | None, typer.Option(help="A component that must not be paid for; may be repeated.")
    ] = None,
    approve: Annotated[bool | None, typer.Option("--yes/--no", help="Where a yes or a no is asked.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take your last answer back, as long as it is unused.")] = False,
    runs: Annotated[Path, typer.Option(help="Folder that holds runs.")] = Path("runs"),
    json: Annotated[
        bool, typer.Option("--json", help="Print the questions that wait as JSON; answer nothing.")
    ] = False,
) -> None:
    """Answer the oldest question a run waits with, or show it. The run goes on by itself."""
    import json as encoder
    import sys

    from eureka_cli import people
    from eureka_cli.cli import scratch, session, terminal
    from eureka_cli.errors import UsageError

    folder = session.find_run(run, runs)
    waiting = people.waiting(folder.path)
    if json:
        print(encoder.dumps([question.model_dump(mode="json") for question in waiting], indent=1))
        return
    if undo:
        print(f"Taken back: {people.withdraw_last(folder.path)}")
        return
    if not waiting:
        print(f"No question waits in {folder.name}.")
        return
    question = waiting[0]
    names = [option.name for option in question.options]
    ranks = people.ranking(rank, names) if rank else ()
    said: dict[str, Any] = {"ranks": ranks, "none": none, "words": words, "veto": tuple(veto or ()), "approve": approve}
    said["code"] = scratch.read_text(code) if code else ""
    if approve is not None or any(said.values()):
        given = people.Answer(by="person", asked=people.comparisons(ranks), **said)
    else:
        print(terminal.shown(question, folder))
        if not sys.stdin.isatty():
            raise UsageError(f'Nothing was answered. For example: reward-synth answer {folder.name} --rank "A > B"')
        given = terminal.asked(question, folder)
    people.answer(folder.path, question, given)
    print(f"Answered {question.slot}: {people.in_words(given.model_dump(mode='json'))}")
