"""`builtin` under Auto MC-Reward's prompts: two parts whose signs count, and a word on failed episodes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from test_builtin import FACTS, FIELDS

from eureka_cli import combiners, prompts
from eureka_cli.core import Message, Request, Rollout
from eureka_cli.critics.answers import extract
from eureka_cli.critics.lint import lint
from eureka_cli.models import builtin
from eureka_cli.models import builtin_programs as programs
from eureka_cli.sandbox.client import RewardProcess

OPENING = (
    Message(role="system", content=prompts.render("mcreward/system", **FACTS)),
    Message(role="user", content=prompts.render("mcreward/task", **FACTS)),
)


def answer(seed: int) -> str:
    return builtin.answer(Request(slot="x", messages=OPENING, seed=seed)).text


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_every_program_declares_signs_and_passes_lint(seed):
    code = extract(answer(seed))
    assert lint(code, fields=list(FIELDS)) == ()
    assert combiners.declared(code) == combiners.Combine("signs")
    assert programs.read_back(code)


def test_totals_are_made_of_signs(zygote):
    rng = np.random.default_rng(0)
    sides = [{name: rng.uniform(-3, 3, (8, 4, *shape)) for name, shape in FIELDS.items()} for _ in range(2)]
    for side in sides:
        side["terminated"] = np.zeros((8, 4), bool)
    rollout = Rollout(sides[0], rng.uniform(-1, 1, (8, 4, 2)), sides[1], np.zeros((8, 4), bool))
    seen = set()
    for seed in range(40):
        with RewardProcess(zygote, extract(answer(seed)), fields=FIELDS, action_shape=(2,), rows=32) as process:
            rewards = process.score(rollout)
        assert set(rewards.components) == {"sparse", "dense"}
        seen |= set(np.round(rewards.total.ravel(), 6).tolist())
    assert seen <= {-1.1, -1.0, -0.9, -0.1, 0.0, 0.1, 0.9, 1.0, 1.1} and {0.1, -0.1, 1.1} <= seen


def analysed(*narrations: str) -> str:
    facts = {"code": "x = 1", "success": 0.0, "measures": {"lava_deaths": 0.5}, "behaviour": "It walks."}
    text = prompts.render("mcreward/trajectories", **FACTS, **facts, narrations=narrations)
    request = Request(slot="x", messages=(Message(role="user", content=text),), seed=0)
    return builtin.answer(request).text


def test_the_analysis_says_how_episodes_ended():
    fell = "Episode 1 of 2: failed. 9 of 100 steps, ended early by termination.\nstep | action | lava\n9 | go | 0"
    late = "Episode 2 of 2: failed. 100 of 100 steps, cut off by the time limit.\nstep | action | tree\n9 | go | 3"
    assert "1 of 1 failed episodes ended early" in analysed(fell) and "lava" in analysed(fell)
    assert "time limit" in analysed(late) and "INSTRUCTION: Let dense" in analysed(late)
