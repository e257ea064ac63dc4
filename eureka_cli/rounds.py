"""What methods are made of: the first prompt, a round that is repeated until somebody survives, a given start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eureka_cli import drafts, prompts, racing, reflection, steps, tasks
from eureka_cli.core import Candidate, Entry, Message
from eureka_cli.errors import RunError, UsageError
from eureka_cli.run import Run

HUMAN = "human"


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
    *,
    slot: str,
    samples: int,
    repairs: int,
    repeats: int,
    parent: Candidate | None,
    in_hand: int,
) -> list[Entry]:
    """Sample, check and race one round; repeated with its findings while nobody survives."""
    for repeat in range(repeats + 1):
        name = slot + (f"/repeat-{repeat}" if repeat else "")
        designed = drafts.design(run, messages, slot=name, samples=samples, parent=parent)
        checked = drafts.check(run, designed, messages, repairs=repairs)
        entries = racing.race(run, checked, in_hand=in_hand)
        if any(entry.fitness is not None for entry in entries):
            return entries
        run.event("round-repeated", round=int(slot.rpartition("-")[2]), repeat=repeat)
        messages = [*messages, *reflection.failures(checked, entries)]
    raise nobody(run, slot, repeats + 1)


def nobody(run: Run, slot: str, tries: int) -> RunError:
    """The error of a round of which no candidate survived."""
    return RunError(
        f"No candidate of round {slot.rpartition('-')[2]} survived {tries} tries. The findings are in"
        f" {run.folder.path / 'candidates'}. Try another model, or reword the goal."
    )


def merit(run: Run, entry: Entry) -> float:
    """Fitness at the full budget; a candidate the race stopped early has not shown one."""
    return entry.fitness if entry.fitness is not None and steps.finished(run, entry) else float("-inf")


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
