"""`exchange`: a person, another program or an agent is the model.

Each prompt becomes asks/<slot>.question.md; the answer counts once asks/<slot>.answer.md is renamed into place.
"""

from __future__ import annotations

import time
from pathlib import Path

from eureka_cli.core import Completion, Frozen, Request, Stop
from eureka_cli.errors import ModelError
from eureka_cli.store import write_atomic

POLL_S = 0.2


class Config(Frozen):
    timeout_hours: float = 24.0
    """How long to wait for an answer before the run stops (resumable)."""


class Exchange:
    paid = False

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self._config = config

    def complete(self, request: Request, *, run_folder: Path, stop: Stop) -> Completion:
        question = run_folder / "asks" / f"{request.slot}.question.md"
        answer = run_folder / "asks" / f"{request.slot}.answer.md"
        text = "".join(f"# {message.role}\n\n{message.content.rstrip()}\n\n" for message in request.messages)
        write_atomic(question, text)
        deadline = time.monotonic() + 3600 * self._config.timeout_hours
        while not answer.exists():
            if stop():
                raise ModelError(f"Stopped while waiting for {answer}. Resume the run once it is there.")
            if time.monotonic() > deadline:
                raise ModelError(f"No answer came to {question}. Write it to {answer.name} and resume.")
            time.sleep(POLL_S)
        return Completion(text=answer.read_text(encoding="utf-8"), model=self.name)


def load(argument: str, config: Config) -> Exchange:
    """`exchange` or `exchange:NAME`, where NAME says who answers (kept in the records)."""
    return Exchange(f"exchange:{argument}" if argument else "exchange", config)
