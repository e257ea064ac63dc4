"""What methods are made of: the first prompt, a round that is repeated until somebody survives, a given start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from eureka_cli import drafts, prompts, racing, reflection, steps, tasks
from eureka_cli.core import Candidate, Draft, Entry, Message
from eureka_cli.errors import RunError, UsageError
from eureka_cli.run import Run

HUMAN = "human"
Check = Callable[[Sequence[Draft], Sequence[Message]], list[Draft]]
"""The funnel as a method wants it: drafts and the prompt they answered to drafts with verdicts."""


def opening(run: Run) -> list[Message]:
    """The first prompt: role and reward contract, then the environment and the sentence."""
    steps.measure(run)
    facts = reflection.task_facts(run)
    return [
        Message(role="system", content=prompts.render("eureka/system", **facts)),
        Message(role="user", content=prompts.render("eureka/task", **facts)),
    ]


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
    """Entries of a round: sampled, checked, raced; it is repeated with its findings while nobody survives.

    `in_hand` candidates of earlier rounds were trained to the end. RunError after `repeats` repetitions.
    """
    for repeat in range(repeats + 1):
        slot = f"{method}/round-{number}" + (f"/repeat-{repeat}" if repeat else "")
        checked = check(drafts.design(run, messages, slot=slot, samples=samples, parent=parent), messages)
        entries = racing.race(run, checked, in_hand=in_hand)
        if any(entry.fitness is not None for entry in entries):
            return entries
        run.event("round-repeated", round=number, repeat=repeat)
        messages = [*messages, *reflection.failures(checked, entries)]
    raise nobody(run, number, repeats + 1)


def nobody(run: Run, number: int, tries: int) -> RunError:
    """The error of a round of which no candidate survived."""
    return RunError(
        f"No candidate of round {number} survived {tries} tries. The findings are in"
        f" {run.folder.path / 'candidates'}. Try another model, or reword the goal."
    )


def best_of(run: Run, entries: Sequence[Entry]) -> Entry:
    """The one of the highest fitness at the full budget; the first wins ties, so an incumbent goes first."""
    return max(entries, key=lambda entry: _merit(run, entry))


def _merit(run: Run, entry: Entry) -> float:
    """Who was stopped early has not shown a fitness at the full budget."""
    return entry.fitness if entry.fitness is not None and steps.finished(run, entry) else float("-inf")


def finished(run: Run, entries: Sequence[Entry]) -> dict[str, Entry]:
    """By candidate, those that may be confirmed."""
    return {entry.candidate.id: entry for entry in entries if steps.finished(run, entry)}


def begin(run: Run, start: str, *, slot: str) -> Entry:
    """A reward that no model of this run wrote, tested like any other and trained to the end.

    `start` is `human`, or a file. Raises UsageError where there is none, or it does not survive.
    """
    code = tasks.baseline(run.task, HUMAN) if start == HUMAN else _read(Path(start))
    if code is None:
        raise UsageError(f"{run.task.name} comes with no human reward. Give a file: --set method.start=my_reward.py")
    draft = drafts.given(run, code, slot=slot, by=start if start == HUMAN else "a person")
    findings = [finding for finding in draft.verdict.findings if finding.severity == "error"]
    entries = racing.race(run, [draft])
    findings += [entry.failure for entry in entries if entry.failure]
    if findings:
        raise UsageError(f"The search cannot start from {start}: {findings[0].message} {findings[0].cure}".strip())
    return entries[0]


def remark(words: str, veto: Sequence[str]) -> str:
    """What a person said, as the model is told; empty where they said nothing."""
    return prompts.render("shared/remark", words=words, veto=veto) if words or veto else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} is no reward to start from. Give `human`, or the path of a file.") from None
