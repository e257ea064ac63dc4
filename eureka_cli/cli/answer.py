"""reward-synth answer: what a run waits to hear from a person."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from eureka_cli.people import Answer, Question
    from eureka_cli.store import RunFolder

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

    from eureka_cli import people
    from eureka_cli.cli import session
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
    told: dict[str, Any] = {
        "ranks": people.ranking(rank, names) if rank else (),
        "none": none,
        "words": words,
        "code": _read(code) if code else "",
        "veto": tuple(veto or ()),
        "approve": approve,
    }
    if approve is None and not any(told.values()):
        print(_shown(question, folder))
        told |= _asked(question, names)
        if told["approve"] is None and not any(told.values()):
            raise UsageError(f'Nothing was answered. For example: reward-synth answer {folder.name} --rank "A > B"')
    given: Answer = people.Answer(by="person", asked=people.comparisons(told["ranks"]), **told)
    people.answer(folder.path, question, given)
    print(f"Answered {question.slot}: {people.in_words(given.model_dump(mode='json'))}")


def _shown(question: Question, folder: RunFolder) -> str:
    lines = [question.text]
    for k, option in enumerate(question.options):
        lines.append(f"\n{chr(ord('A') + k)}  {option.name}")
        lines += [f"   video: {folder.path / option.film}"] if option.film else []
        lines += [f"   {line}" for line in option.says.splitlines()]
    return "\n".join(lines)


def _asked(question: Question, names: list[str]) -> dict[str, Any]:
    """From a terminal; nothing where there is none."""
    import sys

    from eureka_cli import people

    if not sys.stdin.isatty():
        return {}
    said: dict[str, Any] = {}
    if question.kind == "approve":
        said["approve"] = typer.confirm("Train it?")
    if question.kind == "rank":
        text = typer.prompt("\nBest first (B > A = C), or none", default="", show_default=False).strip()
        said |= {"none": True} if text.lower() == "none" else {"ranks": people.ranking(text, names) if text else ()}
    said["words"] = typer.prompt("Anything the model should hear", default="", show_default=False)
    return said


def _read(file: Path) -> str:
    from eureka_cli.errors import UsageError

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from None
