"""The model as a judge: all behaviours at once, under written principles, in both orders and again.

Listwise judging under principles given at run time follows RewardAnything (Yu et al. 2025); that a judge's taste for a
place in the list has to be averaged out, Zheng et al. 2023 ("Judging LLM-as-a-Judge"). It answers where a method asks
for preferences. It never stands in for fitness.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from eureka_cli import prompts
from eureka_cli.core import Message
from eureka_cli.errors import ConfigError
from eureka_cli.people import Answer, Option, Question, Ranks
from eureka_cli.run import Run

NAME = "judge"
REPEATS = 2
"""Times each order is asked about."""

Scores = Mapping[str, float]
"""Option to the score it was given, from 1 to 5."""


def judged(run: Run, question: Question) -> Answer:
    """The model's ranking of a question's options; to other questions it has nothing to say and agrees."""
    if question.kind != "rank":
        return Answer(by=NAME, approve=True)
    orders = [question.options, question.options[::-1]]
    asked = [
        (f"{NAME}/{question.slot}/order-{k}/repeat-{repeat}", _messages(run, options))
        for k, options in enumerate(orders, 1)
        for repeat in range(1, REPEATS + 1)
    ]
    answers = run.complete(asked)
    read = [scores(answer.text, orders[k // REPEATS]) for k, answer in enumerate(answers)]
    unread = [slot for (slot, _), found in zip(asked, read, strict=True) if found is None]
    if unread:
        run.event("judge-unread", slots=unread)
    heard = [[found for found in read[start : start + REPEATS] if found] for start in (0, REPEATS)]
    return Answer(by=NAME, ranks=_ranks(question.options, heard))


def principles(file: Path) -> str:
    """What the model is to judge by; ConfigError where the file cannot be read or is empty."""
    try:
        text = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{file} cannot be read. Give --principles the path of a text file.") from None
    if not text:
        raise ConfigError(f"{file} is empty. Write down what the model is to judge by, or leave out --principles.")
    return text


def _messages(run: Run, options: Sequence[Option]) -> list[Message]:
    file = run.config.principles
    text = prompts.render(
        "shared/judge",
        sentence=run.task.sentence,
        principles=principles(Path(file)) if file else "",
        behaviours=[{"letter": letter, "says": option.says} for letter, option in _lettered(options)],
    )
    return [Message(role="user", content=text)]


def _lettered(options: Sequence[Option]) -> Iterator[tuple[str, Option]]:
    return zip(string.ascii_uppercase, options, strict=False)


# ---------------------------------------------------------------- reading answers


def scores(text: str, options: Sequence[Option]) -> Scores | None:
    """The scores of an answer by option name: the last JSON object in it that scores every letter, else None."""
    for found in reversed(list(_objects(text))):
        given = found.get("scores")
        letters = (
            {str(letter).strip().upper(): value for letter, value in (given or {}).items()}
            if (isinstance(given, dict))
            else {}
        )
        numbers = {option.name: _number(letters.get(letter)) for letter, option in _lettered(options)}
        if all(value is not None for value in numbers.values()):
            return {name: value for name, value in numbers.items() if value is not None}
    return None


def _objects(text: str) -> Iterator[dict[str, object]]:
    """Every JSON object that begins somewhere in a text and is not part of one before it."""
    decoder, at = json.JSONDecoder(), text.find("{")
    while at >= 0:
        try:
            found, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError:
            found, end = None, at + 1
        if isinstance(found, dict):
            yield found
        at = text.find("{", end)


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if np.isfinite(number) else None


def _ranks(options: Sequence[Option], heard: Sequence[Sequence[Scores]]) -> Ranks:
    """By mean score; neighbours on whom the two orders do not agree are tied. Nothing read: all are tied.

    `heard`: for either order, what was read of its answers.
    """
    sides = [
        {option.name: float(np.mean([found[option.name] for found in side])) for option in options}
        for side in heard
        if side
    ]
    if len(sides) < len(heard):
        return (tuple(option.name for option in options),)  # one order alone may be a taste for a place
    mean = {option.name: float(np.mean([side[option.name] for side in sides])) for option in options}
    names = sorted(mean, key=lambda name: -mean[name])
    groups = [[names[0]]]
    for better, worse in pairwise(names):
        if all(side[better] > side[worse] for side in sides):
            groups.append([worse])
        else:
            groups[-1].append(worse)
    return tuple(tuple(group) for group in groups)
