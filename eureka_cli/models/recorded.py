"""`recorded:FOLDER`: answers from the llm/ folder of an earlier run, or from a test's recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from eureka_cli import recordings
from eureka_cli.core import Completion, Frozen, Request
from eureka_cli.errors import ModelError, UsageError


class Config(Frozen):
    strict: bool = False
    """Refuse prompts whose numbers differ, not only those whose words do."""


class RecordedModel:
    paid = False

    def __init__(self, folder: Path, config: Config) -> None:
        self.name = "recorded"
        self._folder = folder
        self._config = config

    def complete(
        self, requests: Sequence[Request], *, run_folder: Path, note: Callable[[str], None]
    ) -> Iterator[tuple[Request, Completion]]:
        for request in requests:
            found = recordings.read(self._folder, request.slot, request.messages, strict=self._config.strict)
            if found is None:
                raise ModelError(
                    f"{self._folder} holds no answer for {request.slot}. It was recorded with fewer rounds or samples:"
                    " lower --rounds and --samples, or name a model that can answer."
                )
            yield request, found.completion.model_copy(update={"cost_usd": 0.0})


def load(argument: str, config: Config) -> RecordedModel:
    folder = Path(argument)
    if (folder / "llm").is_dir():
        folder = folder / "llm"
    if not argument or not folder.is_dir():
        raise UsageError(f"--model recorded:FOLDER needs a run folder or its llm/ folder, got {argument!r}.")
    return RecordedModel(folder, config)
