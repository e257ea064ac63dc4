"""What runs have cost: what is certain, and what was possibly paid for answers that a crash cut off."""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import recordings
from eureka_cli.accounts import Spent, add, open_text, total
from eureka_cli.core import Json
from eureka_cli.store import RunFolder


def of(folder: RunFolder) -> Spent:
    """What the log of a run says, with the answers that were recorded and, for a crash, not logged."""
    events = folder.events()
    spent = total(events)
    answered = {event["slot"] for event in events if event["event"] == "answered"}
    asked = {event["slot"]: event for event in events if event["event"] == "asked" and event["slot"] not in answered}
    for slot, event in asked.items():
        completion = recordings.answer(folder.path / "llm", slot)
        if completion is not None:
            tokens = completion.input_tokens + completion.output_tokens
            spent = add(spent, {**event, "event": "answered", "tokens": tokens, "usd": completion.cost_usd})
    return spent


def together(parts: Sequence[Spent]) -> Spent:
    return Spent(*(sum(column) for column in zip(*parts, strict=True))) if parts else total([])


def as_json(spent: Spent) -> dict[str, Json]:
    return {
        "cpu_s": round(spent.cpu_s, 1),
        "steps": spent.steps,
        "certain": {"tokens": spent.tokens, "usd": None if spent.unpriced_calls else round(spent.usd, 9)},
        "possibly": {"answers": spent.open_answers, "tokens": spent.open_tokens, "usd": round(spent.open_usd, 9)},
    }


def text(spent: Spent) -> str:
    """One line."""
    money = f"${spent.usd:.2f}"
    if spent.unpriced_calls:
        money += f" and {spent.unpriced_calls} answers of unknown price"
    besides = f"; {open_text(spent)}" if spent.open_answers else ""
    return f"{spent.cpu_s:,.0f} CPU-s, {spent.steps:,} environment steps, {spent.tokens:,} tokens, {money}{besides}"
