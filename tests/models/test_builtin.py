from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eureka_cli import prompts
from eureka_cli.core import Message, Request
from eureka_cli.critics.answers import extract
from eureka_cli.critics.lint import lint
from eureka_cli.errors import ModelError
from eureka_cli.models import builtin
from eureka_cli.models import builtin_programs as programs
from eureka_cli.sandbox.client import RewardProcess

ROWS = [
    {"name": "time", "shape": "(B,)", "unit": "s", "min": 0, "median": 1, "max": 5, "meaning": "since the start"},
    {"name": "terminated", "shape": "(B,)", "unit": "bool", "min": 0, "median": 0, "max": 1, "meaning": "dropped"},
    {
        "name": "rod_angle",
        "shape": "(B,)",
        "unit": "rad",
        "min": -3,
        "median": 0,
        "max": 3,
        "meaning": "lean of the rod",
    },
    {
        "name": "rod_rate",
        "shape": "(B,)",
        "unit": "rad/s",
        "min": -9,
        "median": 0,
        "max": 9,
        "meaning": "spin of the rod",
    },
    {"name": "hand", "shape": "(B, 3)", "unit": "m", "min": -1, "median": 0, "max": 1, "meaning": "of the hand"},
    {"name": "cup", "shape": "(B, 3)", "unit": "m", "min": -1, "median": 0, "max": 1, "meaning": "of the cup"},
    {"name": "tips", "shape": "(B, 5, 3)", "unit": "m", "min": -1, "median": 0, "max": 1, "meaning": "fingertips"},
]
FIELDS = {"time": (), "terminated": (), "rod_angle": (), "rod_rate": (), "hand": (3,), "cup": (3,), "tips": (5, 3)}
FACTS = {
    "sentence": "spin the rod as fast as possible",
    "env_code": "class State: ...",
    "params": {"rung": "low"},
    "table": ROWS,
    "horizon": 100,
    "dt": 0.02,
    "termination": "It ends when the rod is dropped.",
    "budget": 1000,
    "trainer": "native_ppo",
}
OPENING = (
    Message(role="system", content=prompts.render("eureka/system", **FACTS)),
    Message(role="user", content=prompts.render("eureka/task", **FACTS)),
)


def improving(
    code: str, component: str, values: list[float], fitness: list[float], length: list[float] | None = None
) -> Message:
    def row(name, numbers):
        return {
            "name": name,
            "values": numbers,
            "max": max(numbers),
            "mean": float(np.mean(numbers)),
            "min": min(numbers),
        }

    rows = [row("fitness", fitness), row("return", fitness), row(f"component/{component}", values)]
    rows += [row("length", length)] if length else []
    text = prompts.render(
        "eureka/improve",
        code=code,
        rows=rows,
        fitness=fitness[-1],
        behaviour="It spins.",
        others=[],
        rounds_left=1,
        budget=9,
    )
    return Message(role="user", content=text)


def answer(seed: int, *more: Message) -> str:
    request = Request(slot="x", messages=(*OPENING, *more), seed=seed)
    return builtin.answer(request).text


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.floats(-5, 5), min_size=10, max_size=10))
def test_every_program_passes_lint_and_can_be_read_back(seed, values):
    first = extract(answer(seed))
    assert lint(first, fields=list(FIELDS)) == ()
    parent = programs.read_back(first)
    assert parent
    name = programs.component_names(parent)[0]
    fitness = list(np.linspace(0, 1, 10))
    message = improving(first, name, values, fitness)
    dialogue = [Message(role="assistant", content="earlier"), message]
    child = extract(answer(seed + 1, *dialogue))
    assert lint(child, fields=list(FIELDS)) == ()
    assert programs.read_back(child)


def test_programs_compute_finite_rewards_in_the_sandbox(zygote):
    rng = np.random.default_rng(0)
    from eureka_cli.core import Rollout

    side = {name: rng.uniform(-3, 3, (8, 4, *shape)) for name, shape in FIELDS.items()}
    side["terminated"] = np.zeros((8, 4), bool)
    rollout = Rollout(side, rng.uniform(-1, 1, (8, 4, 2)), side, np.zeros((8, 4), bool))
    for seed in range(60):
        code = extract(answer(seed))
        with RewardProcess(zygote, code, fields=FIELDS, action_shape=(2,), rows=32) as process:
            rewards = process.score(rollout)
        assert np.isfinite(rewards.total).all()
        assert np.allclose(sum(rewards.components.values()), rewards.total)


def test_chance_is_the_requests_seed_alone():
    assert answer(5) == answer(5)
    assert len({answer(seed) for seed in range(20)}) > 15


def test_words_of_the_sentence_draw_the_fields_that_share_them():
    named = sum("rod_rate" in answer(seed) for seed in range(300))
    other = sum("next_state.cup" in answer(seed) for seed in range(300))
    assert named > 2 * other


def test_a_component_against_fitness_is_dropped_or_turned_more_often_than_one_with_it():
    code = programs.emit(
        [
            {
                "feature": {"kind": "field", "field": "rod_rate", "index": []},
                "form": "more",
                "scale": 9.0,
                "weight": 1.0,
            },
            {
                "feature": {"kind": "field", "field": "rod_angle", "index": []},
                "form": "more",
                "scale": 3.0,
                "weight": 1.0,
            },
        ],
        0.02,
    )
    up = list(np.linspace(0, 1, 10))

    def kept(values):
        found = 0
        for seed in range(200):
            answered = answer(
                seed, Message(role="assistant", content="a"), improving(code, "rod_angle_more", values, up)
            )
            found += "rod_angle_more" in answered
        return found

    assert kept(up) > kept([-v for v in up]) + 15


SPIN = {"feature": {"kind": "field", "field": "rod_rate", "index": []}, "form": "more", "scale": 9.0, "weight": 1.0}
UP = list(np.linspace(0, 1, 10))


def test_it_starts_afresh_more_often_where_fitness_never_rose():
    rare = {"feature": {"kind": "field", "field": "cup", "index": [2]}, "form": "more", "scale": 1.0, "weight": 1.0}
    code = programs.emit([rare], 0.02)

    def kept(fitness):
        message = improving(code, "cup_more", UP, fitness)
        answers = [answer(seed, Message(role="assistant", content="a"), message) for seed in range(200)]
        return sum("next_state.cup[:, 2]" in text for text in answers)

    assert kept(UP) > 2 * kept(UP[::-1])


def test_where_longer_episodes_went_with_fitness_a_child_is_charged_for_ending():
    code = programs.emit([SPIN], 0.02)

    def charged(length):
        message = improving(code, "rod_rate_more", UP, UP, length)
        answers = [answer(seed, Message(role="assistant", content="a"), message) for seed in range(200)]
        return sum("terminated" in text for text in answers)

    assert charged([10.0 + 9 * k for k in range(10)]) > charged([100.0 - 9 * k for k in range(10)]) + 40


def test_no_name_of_a_task_or_world_is_known_to_it():
    source = Path(builtin.__file__).read_text() + Path(programs.__file__).read_text()
    assert not re.findall(
        r"\b(pen|cart|pole|hand|hopper|cheetah|reacher|spin)\w*\b",
        source.replace("spinning", "").replace("match spin with", ""),
    )


def test_a_prompt_it_cannot_read_is_said():
    request = Request(slot="x", messages=(Message(role="user", content="hello"),), seed=0)
    with pytest.raises(ModelError, match="state table"):
        builtin.answer(request)


def test_asked_to_review_it_agrees_with_itself():
    from eureka_cli import prompts
    from eureka_cli.core import Message, Request
    from eureka_cli.critics import review
    from eureka_cli.models import builtin

    question = Message(role="user", content=prompts.render("shared/review", findings=[]))
    answer = builtin.answer(Request(slot="s", messages=(question,), seed=0))
    assert review.ACCEPT in answer.text
