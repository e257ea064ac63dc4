from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eureka_cli import accounts
from eureka_cli.config import Budget, Price
from eureka_cli.core import Message, Request

PRICE = Price(input=1.0, output=10.0)


def request(characters: int) -> Request:
    return Request(slot="s", messages=(Message(role="user", content="x" * characters),), seed=0)


limits = st.builds(
    Budget,
    tokens=st.none() | st.integers(1, 200_000),
    usd=st.none() | st.floats(1e-4, 2.0),
)
calls = st.lists(st.builds(request, st.integers(0, 20_000)), min_size=1, max_size=6)


@given(budget=limits, requests=calls, answer=st.none() | st.integers(1, 20_000))
@settings(max_examples=200, deadline=None)
def test_what_is_asked_for_can_never_go_beyond_a_limit(budget, requests, answer):
    spent = accounts.total([])._replace(tokens=100, usd=0.001, open_tokens=50, open_usd=0.0005)
    found = accounts.affordable(requests, answer, limits=budget, price=PRICE, spent=spent)
    assert [one.slot for one in found] == [one.slot for one in requests[: len(found)]]
    if budget.tokens is None and budget.usd is None:
        assert len(found) == len(requests) and all(one.most_tokens == answer for one in found)
        return
    most = [accounts.most(one, PRICE) for one in found]
    assert all(one.tokens is not None for one in most)
    if budget.tokens is not None and found:
        assert spent.tokens + spent.open_tokens + sum(one.tokens for one in most) <= budget.tokens
    if budget.usd is not None and found:
        assert spent.usd + spent.open_usd + sum(one.usd for one in most) <= budget.usd * (1 + 1e-9)


def test_the_last_answer_is_kept_short_and_one_too_short_to_be_of_use_is_not_asked_for():
    left = accounts.total([])
    [one] = accounts.affordable([request(2000)] * 3, 16384, limits=Budget(tokens=3000), price=None, spent=left)
    assert one.most_tokens == 2000
    assert accounts.affordable([request(2000)], 16384, limits=Budget(tokens=1800), price=None, spent=left) == []


def asked(slot: str) -> dict:
    return {"event": "asked", "slot": slot, "paid": True, "most_tokens": 500, "most_usd": 0.5}


def answered(slot: str) -> dict:
    return {**asked(slot), "event": "answered", "tokens": 100, "usd": 0.1}


def test_each_call_without_an_answer_was_possibly_paid_even_where_it_was_asked_again():
    spent = accounts.total([asked("a"), asked("b"), asked("a"), answered("a")])
    assert (spent.tokens, round(spent.usd, 9)) == (100, 0.1)
    assert (spent.open_answers, spent.open_tokens, spent.open_usd) == (2, 1000, 1.0)
    refused = accounts.total([asked("a"), {**asked("a"), "event": "not-paid"}])
    assert (refused.open_answers, refused.open_tokens, refused.open_usd) == (0, 0, 0.0)
