"""A question on a terminal: shown, and asked until the answer fits."""

from __future__ import annotations

import sys
from typing import Any

import typer

from eureka_cli import people
from eureka_cli.errors import UsageError
from eureka_cli.people import Answer, Question
from eureka_cli.store import RunFolder


def shown(question: Question, folder: RunFolder) -> str:
    """The question with everything there is to look at."""
    lines = [question.text]
    for k, option in enumerate(question.options):
        lines.append(f"\n{chr(ord('A') + k)}  {option.name}")
        lines += [f"   video: {(folder.path / option.film).resolve()}"] if option.film else []
        lines += [f"   {line}" for line in option.says.splitlines()]
    return "\n".join(lines)


def asked(question: Question, folder: RunFolder) -> Answer:
    """What a person says to a question. Asks again where it does not fit; Ctrl-C is raised as KeyboardInterrupt."""
    while True:
        try:
            given = Answer(by="person", **_parts(question, folder))
            people.check(question, given)
            return given
        except UsageError as error:
            print(error, file=sys.stderr)
        except typer.Abort:
            raise KeyboardInterrupt from None


def _parts(question: Question, folder: RunFolder) -> dict[str, Any]:
    if question.kind == "approve":
        return {"approve": typer.confirm("Train it?", err=True), "words": _line("Anything the model should hear")}
    said: dict[str, Any] = {}
    if question.kind == "rank":
        names = [option.name for option in question.options]
        text = _line("\nBest first (B > A = C), or none")
        ranks = people.ranking(text, names) if text and text.lower() != "none" else ()
        said = {"none": text.lower() == "none", "ranks": ranks, "asked": people.comparisons(ranks)}
    said["words"] = _line("Anything the model should hear")
    said["veto"] = tuple(_line("Components that must not be paid for").replace(",", " ").split())
    if said.get("ranks") and typer.confirm("Edit the best one's code?", default=False, err=True):
        said["code"] = edited(question, said["ranks"][0][0], folder)
    if question.kind == "words" and not any(said.values()):
        said["none"] = True  # nothing to say is an answer too
    return said


def _line(prompt: str) -> str:
    text: str = typer.prompt(prompt, default="", show_default=False, err=True)
    return text.strip()


def edited(question: Question, name: str, folder: RunFolder) -> str:
    """An option's code as it comes back from $EDITOR; empty where nothing was changed.

    What the lint would refuse is told and may be edited on; the run's critic has the last word.
    """
    import click  # Typer no longer brings it, and has no `edit`

    from eureka_cli.web import checking

    original = code = next(option.code for option in question.options if option.name == name)
    while True:
        code = click.edit(code, extension=".py") or code
        if code.strip() == original.strip():
            return ""
        refused = [finding for finding in checking.read(folder, code) if finding.severity == "error"]
        for finding in refused:
            place = f"line {finding.line}: " if finding.line else ""
            print(f"{place}{finding.rule}: {finding.message} {finding.cure}", file=sys.stderr)
        if not refused or not typer.confirm("The critic will refuse it. Edit it again?", default=True, err=True):
            return code
