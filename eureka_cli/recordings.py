"""One file a model call: the prompt, the answer, what it cost. A run's llm/ folder is a recording for tests.

On replay the words of a prompt must match; its numbers may differ (another CPU measures other last digits),
which is worth a warning, or an error under `--strict`.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eureka_cli.core import Completion, Message
from eureka_cli.errors import ReplayMismatch
from eureka_cli.store import read_json, write_json

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\bnan\b|\binf\b)")


class Recorded(NamedTuple):
    completion: Completion
    drifted: bool
    """The prompt's numbers differ from those the answer was given to."""


def file_of(folder: Path, slot: str) -> Path:
    return folder / f"{slot}.json"


def write(folder: Path, slot: str, messages: Sequence[Message], completion: Completion) -> None:
    record = {
        "slot": slot,
        "prompt_sha256": hashlib.sha256(_whole(messages).encode()).hexdigest(),
        "answer_sha256": hashlib.sha256(completion.text.encode()).hexdigest(),
        "messages": [message.model_dump() for message in messages],
        "completion": completion.model_dump(),
    }
    write_json(file_of(folder, slot), record)


def read(folder: Path, slot: str, messages: Sequence[Message], *, strict: bool) -> Recorded | None:
    """The recorded answer of a slot, or None. Raises ReplayMismatch when it answers another prompt."""
    file = file_of(folder, slot)
    if not file.exists():
        return None
    record = read_json(file)
    then = [Message.model_validate(message) for message in record["messages"]]
    drifted = _whole(then) != _whole(messages)
    if drifted and (strict or NUMBER.sub("#", _whole(then)) != NUMBER.sub("#", _whole(messages))):
        raise ReplayMismatch(
            f"The recorded answer {slot} was given to another prompt: {_first_difference(then, messages)}"
            " Replay it with the task, settings and version it was recorded with, or start a new run (--name)."
        )
    return Recorded(Completion.model_validate(record["completion"]), drifted)


def _whole(messages: Sequence[Message]) -> str:
    return "\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def _first_difference(then: Sequence[Message], now: Sequence[Message]) -> str:
    lines = difflib.ndiff(NUMBER.sub("#", _whole(then)).splitlines(), NUMBER.sub("#", _whole(now)).splitlines())
    changed = [line for line in lines if line[:2] in ("- ", "+ ")]
    return f"it had {changed[0][2:80]!r} where" + " the new one differs." if changed else "its numbers differ."
