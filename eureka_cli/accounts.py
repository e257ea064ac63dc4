"""What a run has spent and may still spend: what is certain, what was possibly paid, the limits a person set.

Each call of a model is written down before it goes out with the most it can take. What is asked for and not answered
counts as possibly paid: while it is under way, and for good where a crash cut it off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from eureka_cli.config import Budget, Price
from eureka_cli.core import Json, Message, Request

CHARACTERS_A_TOKEN = 2
"""At the least, so that a prompt takes no more tokens than are counted for it: code has about three."""
LEAST_ANSWER = 900
"""Tokens of a sentence and a reward of some forty lines: less would be cut off and is not asked for."""


class Spent(NamedTuple):
    """What a run has cost so far, over all its processes."""

    cpu_s: float
    tokens: int
    usd: float
    unpriced_calls: int
    """Paid calls whose price nobody knows."""
    steps: int
    """Environment steps trained."""
    open_answers: int = 0
    """Asked for, paid for perhaps, not come (yet)."""
    open_tokens: int = 0
    """The most they can have taken."""
    open_usd: float = 0.0
    """The most they can have cost, as far as their price is known."""


def total(events: Sequence[dict[str, Json]]) -> Spent:
    """What the events of a log say was spent."""
    spent = Spent(0.0, 0, 0.0, 0, 0)
    for event in events:
        spent = add(spent, event)
    return spent


def add(spent: Spent, event: dict[str, Json]) -> Spent:
    """`spent` and what one event of the log adds."""
    match event["event"]:
        case "job-done":
            return spent._replace(cpu_s=spent.cpu_s + event["cpu_s"], steps=spent.steps + event["steps"])
        case "asked":
            return _opened(spent, event, 1)
        case "not-paid":
            return _opened(spent, event, -1)
        case "answered":
            unpriced = event["paid"] and event["usd"] is None
            closed = _opened(spent, event, -1)
            return closed._replace(
                tokens=spent.tokens + event["tokens"],
                usd=spent.usd + (event["usd"] or 0.0),
                unpriced_calls=spent.unpriced_calls + int(unpriced),
            )
    return spent


def _opened(spent: Spent, event: dict[str, Json], sign: int) -> Spent:
    if not event["paid"]:
        return spent
    answers = max(0, spent.open_answers + sign)
    return spent._replace(
        open_answers=answers,
        open_tokens=max(0, spent.open_tokens + sign * (event.get("most_tokens") or 0)),
        open_usd=max(0.0, spent.open_usd + sign * (event.get("most_usd") or 0.0)) if answers else 0.0,
    )


# ---------------------------------------------------------------- one call


class Most(NamedTuple):
    """The most one answer can take, its prompt included; None where nothing bounds it."""

    tokens: int | None
    usd: float | None


def prompt_tokens(messages: Sequence[Message]) -> int:
    return sum(len(message.content.encode()) for message in messages) // CHARACTERS_A_TOKEN


def most(request: Request, price: Price | None) -> Most:
    """What a request can take at most."""
    if request.most_tokens is None:
        return Most(None, None)
    sent = prompt_tokens(request.messages)
    usd = None if price is None else (sent * price.input + request.most_tokens * price.output) / 1e6
    return Most(sent + request.most_tokens, usd)


def affordable(
    requests: Sequence[Request], answer: int | None, *, limits: Budget, price: Price | None, spent: Spent
) -> list[Request]:
    """Those of the first requests that what is left surely pays for, each with the longest answer it may get.

    `answer` is what the provider takes for the longest, in tokens. Where not even one such answer is paid for, one
    shorter is asked for; none, where that would be too short to be of use.
    """
    tokens = None if limits.tokens is None else limits.tokens - spent.tokens - spent.open_tokens
    usd = None if limits.usd is None or price is None else limits.usd - spent.usd - spent.open_usd
    whole = [request.model_copy(update={"most_tokens": answer}) for request in requests]
    if tokens is None and usd is None:
        return whole
    found: list[Request] = []
    taken = Most(0, 0.0)
    for request in whole:
        next_one = most(request, price)
        if answer is None or next_one.tokens is None:
            break
        taken = Most((taken.tokens or 0) + next_one.tokens, (taken.usd or 0.0) + (next_one.usd or 0.0))
        if (tokens is not None and (taken.tokens or 0) > tokens) or (usd is not None and (taken.usd or 0.0) > usd):
            break
        found.append(request)
    longest = _longest(whole[0], tokens=tokens, usd=usd, price=price)
    return found or ([whole[0].model_copy(update={"most_tokens": longest})] if longest >= LEAST_ANSWER else [])


def _longest(request: Request, *, tokens: int | None, usd: float | None, price: Price | None) -> int:
    """Tokens of an answer that take all that is left."""
    sent = prompt_tokens(request.messages)
    left = [] if tokens is None else [tokens - sent]
    if usd is not None and price is not None and price.output:
        left.append(int((1e6 * usd - sent * price.input) / price.output))
    return min(left, default=0)


# ---------------------------------------------------------------- limits


def time_is_up(limits: Budget, spent: Spent, *, hours: float) -> tuple[str, str] | None:
    """Which limit on time is reached, in words, and its name; None while there is time."""
    if limits.hours is not None and hours >= limits.hours:
        return f"The limit of {limits.hours:g} hours is reached.", "hours"
    if limits.cpu_hours is not None and spent.cpu_s >= 3600 * limits.cpu_hours:
        return f"The limit of {limits.cpu_hours:g} CPU-hours is reached.", "cpu_hours"
    return None


def training_steps(spec: Mapping[str, Json]) -> int:
    """Environment steps of a training job: to the end of the rollout in which it reaches where it is to pause."""
    config = spec["trainer"]["config"]
    rollout: int = config.get("num_envs", 1) * config.get("rollout_steps", 1)
    until, begun = int(spec["until"]), int(spec["from"])
    return max(0, -(-until // rollout) * rollout - begun)


def too_many_steps(limits: Budget, spent: Spent, coming: int) -> tuple[str, str] | None:
    """The same of trainings that would go beyond the limit on environment steps: they are not begun."""
    if limits.all_steps is None or not coming or spent.steps + coming <= limits.all_steps:
        return None
    left = f"{max(0, limits.all_steps - spent.steps):,} of {limits.all_steps:,}"
    return f"The next trainings take {coming:,} environment steps, and {left} are left.", "all_steps"


def money_is_spent(limits: Budget, spent: Spent) -> tuple[str, str] | None:
    """The same of tokens and dollars, those possibly paid among them."""
    if limits.tokens is not None and spent.tokens + spent.open_tokens >= limits.tokens:
        return f"The limit of {limits.tokens} tokens is reached{_with_open(spent)}.", "tokens"
    if limits.usd is not None and spent.usd + spent.open_usd >= limits.usd:
        return f"The limit of ${limits.usd:g} is reached{_with_open(spent)}.", "usd"
    return None


def too_little(limits: Budget, spent: Spent) -> tuple[str, str]:
    """The same where the rest of a limit pays for no answer."""
    left = {}
    if limits.tokens is not None:
        left["tokens"] = f"{limits.tokens - spent.tokens - spent.open_tokens:,} of {limits.tokens:,} tokens"
    if limits.usd is not None:
        left["usd"] = f"${limits.usd - spent.usd - spent.open_usd:.4f} of ${limits.usd:g}"
    says = f"What is left ({' and '.join(left.values())}{_with_open(spent)}) does not surely pay for one more answer."
    return says, next(iter(left))


def _with_open(spent: Spent) -> str:
    return f", {open_text(spent)} taken off" if spent.open_answers else ""


def open_text(spent: Spent) -> str:
    """What was possibly paid, in words."""
    money = f" and ${spent.open_usd:.2f}" if spent.open_usd else ""
    return f"up to {spent.open_tokens:,} tokens{money} possibly paid for {spent.open_answers} answers that were cut off"
