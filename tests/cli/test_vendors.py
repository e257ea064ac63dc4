"""Whole runs with a model behind HTTP: a server that answers with `builtin` and misbehaves on the way."""

from __future__ import annotations

import json
import signal
import time

import pytest
import server as fake
from program import SMOKE, events, run, start

KEY = "sk-very-secret-0123456789"
MODELS = {"openai": "openai:tiny", "litellm": "litellm:openai/tiny"}
FAULTS = [
    fake.status(429, "slow down", retry_after="1"),
    fake.status(500, "oops"),
    fake.hang(4),
    fake.says("```python\nimport numpy as n", finish_reason="length"),
    fake.says("Ich denke, die Belohnung sollte gross sein."),
]


def arguments(provider: str, url: str) -> tuple[str, ...]:
    settings = (f"model_options.base_url={url}", "model_options.timeout_s=3", "model_options.patience_s=60")
    return (*SMOKE, "--model", MODELS[provider], *(part for setting in settings for part in ("--set", setting)))


@pytest.mark.parametrize("provider", list(MODELS))
def test_a_whole_run_over_http_with_everything_that_goes_wrong_on_the_way(provider, tmp_path):
    with fake.serving() as server:
        server.takes_n = False
        server.faults = list(FAULTS)
        out, _ = run(tmp_path, "run", *arguments(provider, server.url), "--name", "r", "--json", OPENAI_API_KEY=KEY)
    found = json.loads(out)
    assert found["best"]["scores"]
    assert found["cost"]["usd"] is None  # nobody knows the price of `tiny`
    told = events(tmp_path / "runs/r")
    answered = [event for event in told if event["event"] == "answered"]
    assert found["cost"]["tokens"] == sum(event["tokens"] for event in answered) > 4000
    refused = [f["rule"] for e in told if e["event"] == "verdict" for f in e["findings"] if f["severity"] == "error"]
    assert "length" in refused and "no-code" in refused
    assert any("429" in event["why"] for event in told if event["event"] == "model-waits")
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file


def test_a_key_that_expires_in_the_middle_loses_nothing(tmp_path):
    with fake.serving() as server:
        command = (*arguments("openai", server.url), "--set", "critic.bank=false")  # nothing is refused and repaired
        expire = [lambda handler, body: False, fake.status(401, f"key {KEY} has expired")]
        server.faults = list(expire)
        _, err = run(tmp_path, "run", *command, "--name", "r", code=1, OPENAI_API_KEY=KEY)
        assert "refused the key" in err and KEY not in err
        before = len(server.requests)
        run(tmp_path, "resume", "r", OPENAI_API_KEY=KEY)
        assert len(server.requests) == before + 1  # round 1 was not asked again


def test_ctrl_c_is_heard_while_a_server_hangs(tmp_path):
    with fake.serving() as server:
        server.faults = [fake.hang(60)] * 9
        command = (*arguments("openai", server.url), "--set", "model_options.timeout_s=100")
        process = start(tmp_path, "run", *command, "--name", "r", OPENAI_API_KEY=KEY)
        while not server.requests:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        stopped = time.monotonic()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert time.monotonic() - stopped < 10
        assert "resume r" in err


def test_a_dead_endpoint_a_missing_key_and_no_model_name(tmp_path):
    _, err = run(tmp_path, "run", *arguments("openai", "http://127.0.0.1:9/v1"), code=1, OPENAI_API_KEY=KEY)
    assert "No server answers at http://127.0.0.1:9/v1" in err
    _, err = run(tmp_path, "run", *SMOKE, "--model", "openai:gpt-5-mini", code=2, OPENAI_API_KEY="")
    assert "OPENAI_API_KEY" in err
    _, err = run(tmp_path, "run", *SMOKE, "--model", "openai", code=2)
    assert "needs the name of a model" in err
