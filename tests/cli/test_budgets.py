"""Limits are kept before each effect, and what a crash left open is told apart from what is certain."""

from __future__ import annotations

import json
import signal
import time

import server as fake
from program import SMOKE, events, run, start

TINY = (*SMOKE, "--set", "budget.steps=2048", "--set", "search.racing=off")
KEY = {"OPENAI_API_KEY": "sk-0123456789"}


def openai(server: fake.Server) -> tuple[str, ...]:
    return ("--model", "openai:tiny", "--set", f"model_options.base_url={server.url}")


def test_tokens_stay_below_their_limit_and_the_last_answers_are_kept_short(tmp_path):
    limit = 9000
    with fake.serving() as server:
        server.takes_n = False
        arguments = (*TINY, *openai(server), "--budget-tokens", str(limit), "--rounds", "9")
        _, err = run(tmp_path, "run", *arguments, "--name", "r", code=3, **KEY)
        assert "budget.tokens = 9,000 buys about" in err
        assert "--set budget.tokens=" in err
        assert len(server.requests) >= 1 and all(body["max_tokens"] < limit for body in server.requests)
    told = json.loads(run(tmp_path, "cost", "r", "--json")[0])["runs"]["r"]
    assert 0 < told["certain"]["tokens"] <= limit
    assert told["possibly"] == {"answers": 0, "tokens": 0, "usd": 0.0}


def test_dollars_stay_below_their_limit(tmp_path):
    price = ("--set", "price.input=100", "--set", "price.output=1000", "--budget-usd", "1.6")
    with fake.serving() as server:
        _, err = run(tmp_path, "run", *TINY, *openai(server), *price, "--name", "r", code=3, **KEY)
    assert "budget.usd" in err
    told = json.loads(run(tmp_path, "cost", "r", "--json")[0])["total"]
    assert 0 < told["certain"]["usd"] <= 1.6


def test_trainings_that_would_go_beyond_the_steps_are_not_begun(tmp_path):
    _, err = run(tmp_path, "run", *SMOKE, "--name", "r", "--set", "budget.all_steps=10000", code=3)
    assert "The next trainings take" in err and "budget.all_steps" in err
    told = json.loads(run(tmp_path, "cost", "r", "--json")[0])["total"]
    assert 0 < told["steps"] <= 10000


def test_a_call_that_a_kill_cut_off_is_possibly_paid_and_one_that_was_refused_is_not(tmp_path):
    with fake.serving() as server:
        server.faults = [fake.hang(60)]
        price = ("--set", "price.input=1", "--set", "price.output=10")
        arguments = (*TINY, *openai(server), *price, "--name", "r")
        process = start(tmp_path, "run", *arguments, **KEY)
        while not server.requests:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        told = json.loads(run(tmp_path, "cost", "r", "--json")[0])["runs"]["r"]
        assert told["certain"] == {"tokens": 0, "usd": 0.0}
        assert told["possibly"]["answers"] == 2 and 0.3 < told["possibly"]["usd"] < 0.5
        server.faults = [fake.status(401, "no such key")]
        run(tmp_path, "resume", "r", code=1, **KEY)
        assert json.loads(run(tmp_path, "cost", "r", "--json")[0])["runs"]["r"] == told
        run(tmp_path, "resume", "r", **KEY)
    after = json.loads(run(tmp_path, "cost", "r", "--json")[0])["runs"]["r"]
    assert after["possibly"] == told["possibly"] and after["certain"]["usd"] > 0
    assert "possibly paid for 2 answers that were cut off" in run(tmp_path, "cost")[0]


def test_an_answer_recorded_just_before_a_kill_is_counted_once_and_not_asked_again(tmp_path):
    with fake.serving() as server:
        run(tmp_path, "run", *TINY, *openai(server), "--name", "r", **KEY)
        calls = len(server.requests)
        log = tmp_path / "runs/r/log.jsonl"
        lines = [line for line in log.read_text().splitlines() if '"answered"' not in line]
        before = json.loads(run(tmp_path, "cost", "r", "--json")[0])
        log.write_text("\n".join(lines) + "\n")
        assert json.loads(run(tmp_path, "cost", "r", "--json")[0]) == before
        run(tmp_path, "resume", "r", **KEY)
        assert len(server.requests) == calls
    assert json.loads(run(tmp_path, "cost", "r", "--json")[0]) == before
    slots = [event["slot"] for event in events(tmp_path / "runs/r") if event["event"] == "answered"]
    assert len(slots) == len(set(slots)) > 0


def test_hours_end_while_a_training_is_under_way(tmp_path):
    endless = ("--set", "budget.steps=1000000000")
    _, err = run(tmp_path, "run", *SMOKE, *endless, "--name", "r", "--budget-hours", "0.003", code=3)
    assert "The limit of 0.003 hours is reached" in err and "resume r" in err
    assert not list(tmp_path.glob("runs/r/jobs/train/*/result.json"))
