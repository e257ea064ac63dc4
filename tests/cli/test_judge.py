"""The model as a judge: under principles, in both orders, where a method asks for preferences and nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from program import SMOKE, events, run

from eureka_cli import judging, people
from eureka_cli.people import Option

MODEL = Path(__file__).with_name("judge_model.py")
OPTIONS = (Option(name="x"), Option(name="y"))


def judged(folder, taste, *more):
    arguments = (*SMOKE, "--method", "icpl", "--rounds", "1", "--samples", "3", "--person", "judge", "--cores", "1")
    run(folder, "run", *arguments, "--model", f"{MODEL}:{taste}", "--name", "r", *more)
    question, said = people.kept(folder / "runs/r", "icpl/round-1/preference")
    return question, said


def test_a_judge_ranks_by_what_it_was_asked_in_both_orders_twice(tmp_path):
    (tmp_path / "mine.md").write_text("Long episodes are better than short ones.\n")
    question, said = judged(tmp_path, "length", "--principles", "mine.md")
    length = {option.name: int(re.search(r"episodes, (\d+) of", option.says)[1]) for option in question.options}
    values = [length[group[0]] for group in said.ranks]
    assert values == sorted(length.values(), reverse=True) and len(said.ranks) == len(set(length.values()))
    prompts = [json.loads(file.read_text()) for file in sorted((tmp_path / "runs/r/llm/judge").rglob("*.json"))]
    assert len(prompts) == 4
    assert all("Long episodes are better" in prompt["messages"][0]["content"] for prompt in prompts)
    assert all("fitness" not in prompt["messages"][0]["content"] for prompt in prompts)
    told = json.loads((tmp_path / "runs/r/summary.json").read_text())
    assert told["cost"]["person_queries"] == 0 and told["preferences"]["by"] == ["judge"]


def test_a_taste_for_a_place_in_the_list_decides_nothing(tmp_path):
    question, said = judged(tmp_path, "first")
    assert said.ranks == (tuple(option.name for option in question.options),)


def test_what_cannot_be_read_is_said_and_decides_nothing(tmp_path):
    _, said = judged(tmp_path, "mute")
    assert len(said.ranks) == 1
    assert len(next(event for event in events(tmp_path / "runs/r") if event["event"] == "judge-unread")["slots"]) == 4


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"scores": {"A": 4, "B": 2.5}}', {"x": 4.0, "y": 2.5}),
        (
            'Example: {"scores": {"A": 1, "B": 1}}. Mine:\n```json\n{"scores": {"a": "5", "b": 3}}\n```',
            {"x": 5, "y": 3},
        ),
        ('{"ranking": ["A"]} {"scores": {"A": 1, "B": 2}, "reasons": "a { b"}', {"x": 1, "y": 2}),
        ('{"scores": {"A": 4}}', None),
        ('{"scores": {"A": 4, "B": "good"}}', None),
        ('{"scores": {"A": 4, "B": NaN}}', None),
        ('{"scores": [4, 2]}', None),
        ('{"scores": {"A": 4, "B": 2}', None),
        ("A is better.", None),
        ("", None),
    ],
)
def test_answers_are_read_as_models_write_them(text, found):
    assert judging.scores(text, OPTIONS) == found


@pytest.mark.parametrize(
    ("more", "cure"),
    [
        (("--principles", "none.md"), "give --person judge"),
        (("--person", "judge", "--principles", "none.md"), "none.md cannot be read"),
        (("--person", "judge", "--principles", "empty.md"), "empty.md is empty"),
        (("--person", "nobody"), "There are: me, simulated:RATE"),
        (("--person", "judge", "--model", "builtin"), "builtin cannot judge"),
    ],
)
def test_a_judge_that_cannot_be_had_is_said(tmp_path, more, cure):
    (tmp_path / "empty.md").write_text("\n")
    model = () if "--model" in more else ("--model", f"{MODEL}:length")
    _, err = run(tmp_path, "run", *SMOKE, "--method", "icpl", "--rounds", "1", "--name", "r", *model, *more, code=2)
    assert cure in err
