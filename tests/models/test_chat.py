"""The providers `openai` and `litellm` against a real local server that misbehaves in every way one meets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import server as fake
from test_builtin import OPENING

from eureka_cli import chat, plugins
from eureka_cli.core import Request
from eureka_cli.errors import ModelError, UsageError

PROVIDERS = ("openai", "litellm")
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(chat, "BACKOFF_S", 0.05)
    with fake.serving() as state:
        yield state


def model(provider, state, **settings):
    module = plugins.load("models", provider)
    config = module.Config(**{"base_url": state.url, "timeout_s": 10.0, "patience_s": 20.0, **settings})
    return module.load("openai/tiny" if provider == "litellm" else "tiny", config)


def ask(found, count=1, notes=None):
    requests = [Request(slot=f"s{k}", messages=OPENING, seed=k) for k in range(count)]
    said = notes if notes is not None else []
    answers = {r.slot: completion for r, completion in found.complete(requests, run_folder=Path(), note=said.append)}
    return [answers[request.slot] for request in requests]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_call_asks_for_n_answers_and_counts_their_tokens_once(provider, server):
    answers = ask(model(provider, server), 4)
    assert len(server.requests) == 1 and server.requests[0]["n"] == 4
    assert len({answer.text for answer in answers}) > 1
    assert sum(answer.input_tokens for answer in answers) == 1000
    assert sum(answer.output_tokens for answer in answers) == 400
    assert all(answer.cost_usd is None for answer in answers)  # nobody knows the price of `tiny`


@pytest.mark.parametrize("provider", PROVIDERS)
def test_where_n_is_ignored_every_answer_gets_a_call_with_a_seed_of_its_own(provider, server):
    server.takes_n = False
    answers = ask(model(provider, server, connections=2), 5)
    assert len(answers) == 5 and len(server.requests) == 5
    assert len({body["seed"] for body in server.requests[1:]}) == 4
    assert server.most_at_once <= 2


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("option", ["n", "seed", "temperature", "max_tokens"])
def test_an_option_the_server_refuses_is_left_out(provider, option, server):
    server.faults = [fake.refuses(option)] * 6
    notes = []
    assert len(ask(model(provider, server), 2, notes)) == 2
    assert option not in server.requests[-1]
    assert any(f"refuses the option {option}" in note for note in notes)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_busy_servers_are_asked_again_when_they_say(provider, server):
    server.faults = [
        fake.status(429, "slow down", retry_after="1"),
        fake.status(500, "oops"),
        fake.status(503, "overloaded"),
        fake.hang(3),
    ]
    started, notes = time.monotonic(), []
    ask(model(provider, server, timeout_s=2.0), 1, notes)
    assert len(server.requests) == 5
    assert time.monotonic() - started > 1 + 2
    assert any("429" in note and "Trying again in" in note for note in notes)
    assert any("did not answer within 2 s" in note for note in notes)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_trickle_of_bytes_is_a_hang(provider, server):
    server.faults = [fake.trickle(4)]
    notes = []
    ask(model(provider, server, timeout_s=1.0), 1, notes)
    assert any("did not answer within 1 s" in note for note in notes)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (fake.status(401, f"Incorrect API key provided: {KEY}."), "refused the key"),
        (fake.status(403, "forbidden"), "refused the key"),
        (fake.status(404, "model tiny does not exist"), "knows no such model"),
        (fake.status(429, "You exceeded your quota", "insufficient_quota"), "quota"),
        (fake.status(400, "prompt is too long"), "refused the prompt: .*too long"),
    ],
)
def test_what_no_retry_cures_ends_at_once_in_one_sentence(provider, fault, message, server):
    server.faults = [fault] * 9
    with pytest.raises(ModelError, match=message) as found:
        ask(model(provider, server))
    assert len(server.requests) == 1
    assert KEY not in str(found.value)
    assert found.value.__cause__ is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_patience_ends(provider, server):
    server.faults = [fake.status(429, "come back tomorrow", retry_after="3600")] * 9
    with pytest.raises(ModelError, match=r"busy .429.*tomorrow"):
        ask(model(provider, server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_dead_endpoint_is_said_within_seconds(provider, server):
    server.url = "http://127.0.0.1:9/v1"
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"No server answers at http://127.0.0.1:9/v1"):
        ask(model(provider, server))
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "fault", [fake.raw("<html>login</html>", "text/html"), fake.raw("{}"), fake.raw('{"choices": []}'), fake.raw("{")]
)
def test_garbage_is_not_an_answer(provider, fault, server):
    server.faults = [fault]
    assert ask(model(provider, server))[0].text.startswith("Reward")
    server.faults = [fault] * 99
    with pytest.raises(ModelError):
        ask(model(provider, server, patience_s=1.0))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_truncation_and_refusals_are_told_apart(provider, server):
    server.faults = [
        fake.says("```python\nimport nu", finish_reason="length"),
        fake.says("I cannot", finish_reason="content_filter"),
        fake.says("", finish_reason="stop"),
    ]
    found = model(provider, server)
    assert [ask(found)[0].finish for _ in range(3)] == ["length", "refusal", "stop"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_tokens_no_server_counts_are_estimated_and_said_so(provider, server):
    server.counts_tokens = False
    answer = ask(model(provider, server))[0]
    assert answer.tokens_estimated
    assert answer.input_tokens > 100 and answer.output_tokens > 10


def test_answers_under_way_are_kept_when_one_call_fails(server):
    server.takes_n = False
    server.faults = [fake.says("first"), fake.hang(0.0), fake.status(401, "expired")]
    got = []
    requests = [Request(slot=f"s{k}", messages=OPENING, seed=k) for k in range(6)]
    answers = model("openai", server, connections=3).complete(requests, run_folder=Path(), note=got.append)
    with pytest.raises(ModelError, match="refused the key"):
        got.extend(request.slot for request, _ in answers)
    assert "s0" in got


def test_keys_come_from_the_environment_or_a_file(server, tmp_path, monkeypatch):
    ask(model("openai", server))
    assert server.headers[-1]["Authorization"] == f"Bearer {KEY}"
    (tmp_path / "key").write_text("sk-from-file\n")
    ask(model("openai", server, key_file=str(tmp_path / "key")))
    assert server.headers[-1]["Authorization"] == "Bearer sk-from-file"
    monkeypatch.setenv("OTHER", "sk-other")
    ask(model("litellm", server, key_env="OTHER"))
    assert server.headers[-1]["Authorization"] == "Bearer sk-other"
    with pytest.raises(UsageError, match="cannot be read"):
        model("openai", server, key_file=str(tmp_path / "none"))
    with pytest.raises(UsageError, match="NOBODY holds no key"):
        model("openai", server, key_env="NOBODY")
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(UsageError, match="OpenAI needs a key"):
        plugins.load("models", "openai").load("tiny", plugins.load("models", "openai").Config())
