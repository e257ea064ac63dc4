"""`exchange`: a person, another program or an agent is the model.

Each prompt becomes asks/<slot>.question.md; the answer counts once asks/<slot>.answer.md is renamed into place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eureka_cli.core import Completion, Frozen, Request
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

    def complete(
        self, requests: Sequence[Request], *, run_folder: Path, note: Callable[[str], None]
    ) -> Iterator[tuple[Request, Completion]]:
        asks = run_folder / "asks"
        for request in requests:
            text = "".join(f"# {message.role}\n\n{message.content.rstrip()}\n\n" for message in request.messages)
            write_atomic(asks / f"{request.slot}.question.md", text)
        waiting = {request.slot: request for request in requests}
        note(f"Waiting for {len(waiting)} answers beside {asks}/{requests[0].slot}.question.md and the like.")
        deadline = time.monotonic() + 3600 * self._config.timeout_hours
        while waiting:
            ready = [slot for slot in waiting if (asks / f"{slot}.answer.md").exists()]
            for slot in ready:
                text = (asks / f"{slot}.answer.md").read_text(encoding="utf-8")
                yield waiting.pop(slot), Completion(text=text, model=self.name)
            if waiting and time.monotonic() > deadline:
                question = asks / f"{next(iter(waiting))}.question.md"
                raise ModelError(f"No answer came to {question}. Write it beside it as .answer.md and resume.")
            if waiting and not ready:
                time.sleep(POLL_S)


def load(argument: str, config: Config) -> Exchange:
    """`exchange` or `exchange:NAME`, where NAME says who answers (kept in the records)."""
    return Exchange(f"exchange:{argument}" if argument else "exchange", config)
