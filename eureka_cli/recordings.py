"""One file a model call: the prompt, the answer, what it cost. A run's llm/ folder is a recording for tests.

On replay what the prompt says must match: its templates, the sentence, the environment. What was measured may differ
(another CPU has other last digits, another budget other results): a warning, or an error under `--strict`.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eureka_cli.core import Completion, Frozen, Message
from eureka_cli.errors import ReplayMismatch
from eureka_cli.store import read_as, write_json

FENCED = re.compile(r"^(`{3,}).*?^\1$", re.M | re.S)
LISTED = re.compile(r"^- .*$\n?", re.M)
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\bnan\b|\binf\b)")


class Record(Frozen):
    """What the file holds."""

    slot: str
    prompt_sha256: str
    answer_sha256: str
    messages: tuple[Message, ...]
    completion: Completion


class Recorded(NamedTuple):
    completion: Completion
    drifted: bool
    """What the prompt reports of measurements and training differs from what the answer was given to."""


def file_of(folder: Path, slot: str) -> Path:
    return folder / f"{slot}.json"


def write(folder: Path, slot: str, messages: Sequence[Message], completion: Completion) -> None:
    record = Record(
        slot=slot,
        prompt_sha256=hashlib.sha256(_whole(messages).encode()).hexdigest(),
        answer_sha256=hashlib.sha256(completion.text.encode()).hexdigest(),
        messages=tuple(messages),
        completion=completion,
    )
    write_json(file_of(folder, slot), record.model_dump())


def read(folder: Path, slot: str, messages: Sequence[Message], *, strict: bool) -> Recorded | None:
    """The recorded answer of a slot, or None. Raises ReplayMismatch when it answers another prompt."""
    file = file_of(folder, slot)
    if not file.exists():
        return None
    record = read_as(file, Record)
    then = record.messages
    drifted = _whole(then) != _whole(messages)
    if drifted and (strict or _static(then) != _static(messages)):
        raise ReplayMismatch(
            f"The recorded answer {slot} was given to another prompt: {_first_difference(then, messages)}"
            " Replay it with the task, settings and version it was recorded with, or start a new run (--name)."
        )
    return Recorded(record.completion, drifted)


def answer(folder: Path, slot: str) -> Completion | None:
    """The recorded answer of a slot, whatever it was given to."""
    file = file_of(folder, slot)
    return read_as(file, Record).completion if file.exists() else None


def _whole(messages: Sequence[Message]) -> str:
    return "\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def _static(messages: Sequence[Message]) -> str:
    """The prompt without numbers and, once the model has answered, without what was measured, quoted and listed."""
    texts, answered = [], False
    for message in messages:
        if message.role == "assistant":
            answered = True  # recorded under a slot of its own
            continue
        text = LISTED.sub("", FENCED.sub("", message.content)) if answered else message.content
        texts.append(NUMBER.sub("#", text))
    return "\n".join(texts)


def _first_difference(then: Sequence[Message], now: Sequence[Message]) -> str:
    lines = difflib.ndiff(_static(then).splitlines(), _static(now).splitlines())
    changed = [line for line in lines if line[:2] in ("- ", "+ ")]
    return f"it had {changed[0][2:80]!r} where" + " the new one differs." if changed else "its numbers differ."
