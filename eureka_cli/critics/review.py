"""The model reads its own reward once more: Auto MC-Reward's Reward Critic (Li et al. 2024), last and least.

It checks the code against task, State, units, frames and the findings so far. It can ask for a rewrite, which goes
through every test anew; it can never overrule a failed one.
"""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import prompts
from eureka_cli.core import Completion, Draft, Message
from eureka_cli.reflection import shown
from eureka_cli.run import Run

ACCEPT = "VERDICT: ACCEPT"


def question(draft: Draft) -> list[Message]:
    """The turns that ask for a review of an accepted draft."""
    text = prompts.render("shared/review", findings=shown(draft.verdict.findings))
    return [Message(role="assistant", content=draft.completion.text), Message(role="user", content=text)]


def review(
    run: Run, drafts: Sequence[Draft], messages: Sequence[Message], attempt: int
) -> dict[str, tuple[str, Completion]]:
    """The new slot and answer, by the old slot, of those drafts that the model wants rewritten."""
    slots = {draft.slot: f"{draft.slot.rpartition('/')[0]}/review-{attempt}" for draft in drafts}
    answers = run.complete([(slots[draft.slot], [*messages, *question(draft)]) for draft in drafts])
    wanted = {}
    for draft, answer in zip(drafts, answers, strict=True):
        agrees = ACCEPT in answer.text or answer.finish != "stop"
        run.event("reviewed", slot=slots[draft.slot], of=draft.slot, accepted=agrees)
        if not agrees:
            wanted[draft.slot] = (slots[draft.slot], answer)
    return wanted
