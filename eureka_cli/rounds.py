"""One round of a search: sample, check, race; and which of many entries is the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eureka_cli import drafts, racing, reflection, steps
from eureka_cli.core import Candidate, Draft, Entry, Message
from eureka_cli.errors import RunError
from eureka_cli.run import Run

Check = Callable[[Sequence[Draft], Sequence[Message]], list[Draft]]
"""The funnel as a method wants it: drafts and the prompt they answered to drafts with verdicts."""


def play(
    run: Run,
    messages: Sequence[Message],
    check: Check,
    *,
    method: str,
    number: int,
    samples: int,
    repeats: int,
    parent: Candidate | None,
    in_hand: int,
) -> list[Entry]:
    """Entries of a round; it is repeated with its findings while nobody survives. RunError after `repeats` of them.

    `in_hand` candidates of earlier rounds were trained to the end.
    """
    for repeat in range(repeats + 1):
        slot = f"{method}/round-{number}" + (f"/repeat-{repeat}" if repeat else "")
        checked = check(drafts.design(run, messages, slot=slot, samples=samples, parent=parent), messages)
        entries = racing.race(run, checked, in_hand=in_hand)
        if any(entry.fitness is not None for entry in entries):
            return entries
        run.event("round-repeated", round=number, repeat=repeat)
        messages = [*messages, *reflection.failures(checked, entries)]
    raise RunError(
        f"No candidate of round {number} survived {repeats + 1} tries. The findings are in"
        f" {run.folder.path / 'candidates'}. Try another model, or reword the goal."
    )


def best_of(run: Run, entries: Sequence[Entry]) -> Entry:
    """The one of the highest fitness at the full budget; the first wins ties."""
    return max(entries, key=lambda entry: _merit(run, entry))


def _merit(run: Run, entry: Entry) -> float:
    """Who was stopped early has not shown a fitness at the full budget."""
    return entry.fitness if entry.fitness is not None and steps.finished(run, entry) else float("-inf")


def finished(run: Run, entries: Sequence[Entry]) -> dict[str, Entry]:
    """By candidate, those that may be confirmed."""
    return {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}
