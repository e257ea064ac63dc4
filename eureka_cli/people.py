"""A question to a person is a file; so is the answer, and what counts once is kept.

asks/<slot>.question.json    what is asked: written once, waits for days
asks/<slot>.answer.json      the answer: counts once renamed into place, may be replaced until it is used
people/<slot>.json           question and answer as they were used; on resume nobody is asked again
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from eureka_cli.core import Frozen, Json
from eureka_cli.errors import RunError, UsageError
from eureka_cli.store import read_as, read_json, write_json

Kind = Literal["rank", "words", "code", "approve"]
Ranks = tuple[tuple[str, ...], ...]
"""Groups of option names from best to worst; a group of several is a tie. Who is not named is not judged."""


class Option(Frozen):
    """One candidate among those to be compared."""

    name: str
    """The candidate's id."""
    film: str = ""
    """Video of its policy, relative to the run folder."""
    says: str = ""
    """What its policy does, in words and numbers that hold no fitness."""
    code: str = ""


class Question(Frozen):
    slot: str
    """Logical place in the run, such as `icpl/round-2/preference`."""
    kind: Kind
    text: str
    options: tuple[Option, ...] = ()
    """Of `rank`: what to compare. Of `code` and `approve`: the one candidate it is about."""


class Answer(Frozen):
    by: str
    """Who: `person`, or an annotator's name."""
    ranks: Ranks = ()
    none: bool = False
    """None of these is any good."""
    words: str = ""
    """Free text for the model."""
    code: str = ""
    """A module written or edited by the person: it goes through the same critic and sandbox as any other."""
    veto: tuple[str, ...] = ()
    """Components that must not be paid for."""
    approve: bool | None = None
    asked: int = Field(0, ge=0)
    """Comparisons this answer took of a person: how dear it was."""


class Used(Frozen):
    """What stands in people/."""

    question: Question
    answer: Answer | None
    """None of a peek that found nothing yet."""


def question_file(folder: Path, slot: str) -> Path:
    return folder / "asks" / f"{slot}.question.json"


def answer_file(folder: Path, slot: str) -> Path:
    return folder / "asks" / f"{slot}.answer.json"


def record_file(folder: Path, slot: str) -> Path:
    return folder / "people" / f"{slot}.json"


# ---------------------------------------------------------------- asking


def put(folder: Path, question: Question) -> None:
    """Write the question where a person finds it, unless it stands there already."""
    file = question_file(folder, question.slot)
    if not file.exists() or read_json(file) != question.model_dump(mode="json"):
        write_json(file, question.model_dump(mode="json"))


def waiting(folder: Path) -> list[Question]:
    """Questions without an answer, oldest first."""
    files = sorted((folder / "asks").rglob("*.question.json"), key=lambda file: file.stat().st_mtime)
    questions = [read_as(file, Question) for file in files]
    return [
        question
        for question in questions
        if not answer_file(folder, question.slot).exists() and not record_file(folder, question.slot).exists()
    ]


# ---------------------------------------------------------------- answering


def answer(folder: Path, question: Question, given: Answer) -> None:
    """Give an answer; until the run uses it, a later one replaces it. Raises UsageError where it does not fit."""
    check(question, given)
    if record_file(folder, question.slot).exists():
        raise UsageError(f"The answer to {question.slot} has been used already, so it can no longer be changed.")
    write_json(answer_file(folder, question.slot), given.model_dump(mode="json"))


def withdraw(folder: Path, slot: str) -> None:
    """Take an answer back. Raises UsageError where the run has used it."""
    if record_file(folder, slot).exists():
        raise UsageError(f"The answer to {slot} has been used already, so it can no longer be taken back.")
    answer_file(folder, slot).unlink(missing_ok=True)


def withdraw_last(folder: Path) -> str:
    """Take the newest unused answer back; returns its slot. UsageError where there is none."""
    files = sorted((folder / "asks").rglob("*.answer.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files:
        slot = str(file.relative_to(folder / "asks")).removesuffix(".answer.json")
        if not record_file(folder, slot).exists():
            withdraw(folder, slot)
            return slot
    raise UsageError("There is no answer that could be taken back: those given have been used.")


def comparisons(ranks: Ranks) -> int:
    """How many comparisons of two a ranking tells: what it took of a person, at most."""
    sizes = [len(group) for group in ranks]
    return sum(sizes) * (sum(sizes) - 1) // 2


def check(question: Question, given: Answer) -> None:
    """Raises UsageError, with the cure, where an answer does not fit its question."""
    known = {option.name for option in question.options}
    named = [name for group in given.ranks for name in group]
    if unknown := [name for name in named if name not in known]:
        raise UsageError(f"Nothing is called {unknown[0]!r} in this question. There are: {', '.join(sorted(known))}.")
    if len(named) != len(set(named)):
        raise UsageError("Each may be ranked once: A > B = C.")
    told = given.ranks or given.none or given.words or given.code or given.veto or given.approve is not None
    if not told:
        raise UsageError("An answer says something: a ranking (A > B = C), that none will do, or words.")
    if question.kind == "approve" and given.approve is None:
        raise UsageError("This question wants a yes or a no.")


def ranking(text: str, names: Sequence[str]) -> Ranks:
    """Read `b > a = c`: names as listed, or their letters A, B, C... in the order of the question.

    Raises UsageError for a name that is not there.
    """
    letters = {chr(ord("a") + k): name for k, name in enumerate(names)}
    groups = []
    for group in re.split(r"\s*>\s*", text.strip()):
        found = []
        for word in re.split(r"\s*=\s*|\s*,\s*|\s+", group.strip()):
            matching = [name for name in names if word and name.startswith(word)]
            name = letters.get(word.lower()) or (matching[0] if len(matching) == 1 else None)
            if name is None:
                shown = ", ".join(f"{letter.upper()} ({name})" for letter, name in letters.items())
                raise UsageError(f"{word!r} is none of {shown}. Write best first: B > A = C.")
            found.append(name)
        groups.append(tuple(found))
    return tuple(groups)


def in_words(said: Mapping[str, Json]) -> str:
    """One line of what an answer (or its event) says."""
    ranks = " > ".join(" = ".join(group) for group in said["ranks"])
    coded = said.get("coded") or said.get("code")
    parts = [ranks, "none of these" if said["none"] else "", "an edited reward" if coded else ""]
    parts += [f"no {name}" for name in said["veto"]] + ([f"{said['words']!r}"] if said["words"] else [])
    parts += [] if said["approve"] is None else ["yes" if said["approve"] else "no"]
    return ", ".join(part for part in parts if part) or "nothing to say"


# ---------------------------------------------------------------- records


def given(folder: Path, question: Question) -> Answer | None:
    """The answer that lies in asks/, if there is one that fits; UsageError where it is broken."""
    file = answer_file(folder, question.slot)
    if not file.exists():
        return None
    try:
        found = read_as(file, Answer)
    except RunError as error:
        raise UsageError(f"{file} is no answer. Write it again: reward-synth answer. ({error})") from None
    check(question, found)
    return found


def keep(folder: Path, question: Question, used: Answer | None) -> None:
    """Record what was used: an answer, or (of a peek) that there was none yet."""
    record = Used(question=question, answer=used)
    write_json(record_file(folder, question.slot), record.model_dump(mode="json"))


def kept(folder: Path, slot: str) -> tuple[Question, Answer | None] | None:
    """What was used at a slot, or None where nothing was yet."""
    file = record_file(folder, slot)
    if not file.exists():
        return None
    used = read_as(file, Used)
    return used.question, used.answer
