"""The funnel as a person meets it: whole commands, a bank built for real, a model that answers by files."""

from __future__ import annotations

import json

import pytest
from program import ROOT, SMOKE, answering, events, run

FLAWED = ROOT / "benchmarks" / "flawed"
UPRIGHT = """Upright.

```python
import numpy as np


def compute_reward(state, action, next_state):
    upright = {scale} - np.abs(next_state.pole_angle)
    return upright, {{"upright": upright}}
```
"""
SUICIDE = f"Short.\n\n```python\n{(FLAWED / 'cartpole_balance' / 'suicide.py').read_text()}```\n"
ONE = (*SMOKE, "--rounds", "1", "--samples", "1", "--set", "method.repairs=0", "--set", "method.repeats=0")


def verdicts(folder):
    return [event for event in events(folder) if event["event"] == "verdict"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder whose cache already holds the bank of cartpole."""
    folder = tmp_path_factory.mktemp("bank")
    out, _ = run(folder, "bank", "build", "--task", "cartpole_balance", "--json")
    return folder, json.loads(out)


def test_a_bank_is_built_once_and_says_what_it_holds(runs):
    folder, found = runs
    assert found["abstains"] == ""
    assert found["sources"]["uniform"] > 0
    assert (folder / found["file"]).stat().st_size < 20e6
    again = json.loads(run(folder, "bank", "build", "--task", "cartpole_balance", "--json")[0])
    assert again == found
    built = [event for event in events(folder / "runs/.bank") if event["event"] == "job-start"]
    assert [event["address"].split("/")[0] for event in built] == ["measure", "bank"]
    out, _ = run(folder, "bank", "build", "--task", "cartpole_balance")
    assert "good and" in out


def test_check_refuses_a_reward_that_pays_for_dying_with_numbers_and_the_cure(runs):
    folder, _ = runs
    flawed = str(FLAWED / "cartpole_balance" / "suicide.py")
    out, _ = run(folder, "check", flawed, "--task", "cartpole_balance", code=1)
    assert "error suicide-bias" in out
    assert "negative makes dying cheap" in out
    human = str(ROOT / "envs/cartpole/rewards/cartpole_balance_human.py")
    assert "accepted" in run(folder, "check", human, "--task", "cartpole_balance")[0]
    excused = ("--set", "critic.rules.suicide-bias=warn", "--set", "critic.rules.pays-end-early=off")
    assert "accepted" in run(folder, "check", flawed, "--task", "cartpole_balance", *excused)[0]


def test_what_the_bank_refuses_goes_back_to_the_model_and_is_reported_as_spared(runs):
    folder, _ = runs
    repaired = []

    def answer(question: str, number: int) -> str:
        repaired.append("suicide-bias" in question)
        return SUICIDE if number == 1 else UPRIGHT.format(scale=1.0)

    arguments = (*SMOKE, "--rounds", "1", "--samples", "1", "--model", "exchange", "--name", "repair", "--json")
    with answering(folder / "runs/repair/asks", answer):
        found = json.loads(run(folder, "run", *arguments)[0])
    assert repaired == [False, True]
    assert found["search"]["funnel"] == {"bank": {"refused": 1, "spared_steps": 4096}}
    assert found["search"]["bank"]["judged"] == 2
    page = (folder / "runs/repair/report.html").read_text()
    assert "Before training" in page
    assert "suicide-bias" in page
    assert "4,096" in page


def test_levels_decide_what_stops_a_candidate(runs):
    folder, _ = runs
    for name, more, accepted in (
        ("standard", (), False),
        ("off", ("--critic", "off"), True),
        ("no-bank", ("--set", "critic.bank=false"), True),
    ):
        with answering(folder / f"runs/{name}/asks", lambda question, number: SUICIDE):
            run(folder, "run", *ONE, "--model", "exchange", "--name", name, *more, code=0 if accepted else 1)
        assert [event["accepted"] for event in verdicts(folder / "runs" / name)] == [accepted], name
    _, err = run(folder, "run", *ONE, "--critic", "lax", code=2)
    assert "critic.level" in err


def test_the_model_may_ask_for_a_rewrite_but_never_overrules_a_test(runs):
    folder, _ = runs
    asked = []

    def answer(question: str, number: int) -> str:
        if "Review your reward" not in question:
            return UPRIGHT.format(scale=1.0)
        asked.append(number)
        return {1: UPRIGHT.format(scale=2.0), 2: SUICIDE, 3: "VERDICT: ACCEPT"}[len(asked)]

    arguments = (*ONE, "--set", "critic.reviews=3", "--model", "exchange", "--name", "review", "--json")
    with answering(folder / "runs/review/asks", answer):
        found = json.loads(run(folder, "run", *arguments)[0])
    assert len(asked) == 2  # the second rewrite was refused, so the first stood and nobody asked again
    best = (folder / "runs/review/candidates" / f"{found['best']['candidate']}.py").read_text()
    assert "2.0 - np.abs" in best
    assert [event["accepted"] for event in verdicts(folder / "runs/review")] == [True, True, False]


def test_only_the_candidates_that_the_bank_ranks_highest_are_trained(runs):
    folder, _ = runs

    def answer(question: str, number: int) -> str:
        good = UPRIGHT.format(scale=1.0)
        return good if number == 1 else good.replace("- np.abs(next_state.pole_angle)", "+ 0.0 * next_state.time")

    arguments = (*SMOKE, "--rounds", "1", "--samples", "2", "--set", "critic.keep=1", "--set", "method.repairs=0")
    with answering(folder / "runs/keep/asks", answer):
        found = json.loads(run(folder, "run", *arguments, "--model", "exchange", "--name", "keep", "--json")[0])
    assert found["search"]["trained"] == 1
    last = {event["candidate"]: event for event in verdicts(folder / "runs/keep")}
    assert sorted(event["accepted"] for event in last.values()) == [False, True]
