"""A person goes on from what a run found: on a terminal, by flags, by Eureka's extras."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from program import ROOT, SMOKE, events, run, start

from eureka_cli import people
from eureka_cli.people import Answer

EUREKA = (*SMOKE, "--cores", "1", "--critic", "off", "--name")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refined")
    run(folder, "run", *EUREKA, "old", "--rounds", "1", "--racing", "off")
    return folder


def prompt(folder, name, slot):
    return json.loads((folder / f"runs/{name}/llm/{slot}.json").read_text())["messages"][-1]["content"]


def test_on_a_terminal_a_person_is_asked_at_the_start_and_in_every_round(finished):
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "eureka_cli.cli.main", "refine", "old", "--rounds", "1", "--samples", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=finished, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first = "Z > A\nB > A\nlean less\nheight\nn\n"  # there is no Z, so the question is asked again
    os.write(ours, (first + "C > B > A\n\n\nn\n").encode())
    out, err = process.communicate(timeout=240)
    os.close(ours), os.close(theirs)
    assert process.returncode == 0, err
    assert "'Z' is none of A (" in err and "Its best so far stands first." in err
    asked, said = people.kept(finished / "runs/old-refine-1", "refine/start")
    assert said.words == "lean less" and said.veto == ("height",) and said.asked == 1
    assert said.ranks == ((asked.options[1].name,), (asked.options[0].name,))
    told = prompt(finished, "old-refine-1", "icpl/round-1/sample-1/attempt-0")
    assert asked.options[1].code in told and "lean less" in told and "- height\n" in told
    question, last = people.kept(finished / "runs/old-refine-1", "icpl/round-1/preference")
    assert last.ranks[0] == (question.options[2].name,)
    assert json.loads((finished / "runs/old-refine-1/summary.json").read_text())["cost"]["person_queries"] == 1 + 3
    assert f"best reward {question.options[2].name}" in out


def test_by_flags_eureka_goes_on_from_edited_code(finished):
    code = 'def compute_reward(state, action, next_state):\n    up = -next_state.pole_angle**2\n    return up, {"up": up}\n'
    (finished / "mine.py").write_text(code)
    arguments = ("--method", "eureka", "--code", "mine.py", "--rounds", "1", "--samples", "1", "--json")
    out, _ = run(finished, "refine", "old", *arguments)
    name = os.path.basename(json.loads(out)["run"])
    assert code in prompt(finished, name, "eureka/round-1/sample-1/attempt-0")
    scored = [event["candidate"] for event in events(finished / "runs" / name) if event["event"] == "score"]
    assert len(dict.fromkeys(scored)) == 2


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (("old", "--rank", "Q"), "'Q' is none of"),
        (("old", "--method", "best"), "icpl or eureka"),
        (("none",), "No run 'none'"),
        (("old", "--code", "nowhere.py"), "nowhere.py cannot be read"),
    ],
)
def test_what_cannot_be_refined_is_said(finished, arguments, cure):
    _, err = run(finished, "refine", *arguments, code=2)
    assert cure in err


def test_eureka_begins_with_the_human_reward_and_waits_for_a_remark(tmp_path):
    how = ("--rounds", "2", "--samples", "1", "--set", "method.start=human", "--set", "method.feedback=wait")
    process = start(tmp_path, "run", *EUREKA, "r", *how)
    file = tmp_path / "runs/r/asks/eureka/round-1/remark.question.json"
    while not file.exists():
        assert process.poll() is None, process.communicate()
    [question] = people.waiting(tmp_path / "runs/r")
    assert "fitness" not in file.read_text() and len(question.options) == 1
    people.answer(tmp_path / "runs/r", question, Answer(by="person", words="more slowly", veto=("upright",)))
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    human = (ROOT / "envs/cartpole/rewards/cartpole_balance_human.py").read_text()
    first, second = (prompt(tmp_path, "r", f"eureka/round-{k}/sample-1/attempt-0") for k in (1, 2))
    assert human.strip() in first and "A person who watched says" not in first
    assert "more slowly" in second and "- upright\n" in second


def test_a_remark_nobody_waits_for_is_heard_a_round_later(tmp_path):
    early = tmp_path / "runs/r/asks/eureka/round-1/remark.answer.json"
    early.parent.mkdir(parents=True)
    early.write_text(Answer(by="person", words="more slowly").model_dump_json())
    run(tmp_path, "run", *EUREKA, "r", "--rounds", "3", "--samples", "1", "--set", "method.feedback=person")
    assert "more slowly" not in prompt(tmp_path, "r", "eureka/round-2/sample-1/attempt-0")
    assert "more slowly" in prompt(tmp_path, "r", "eureka/round-3/sample-1/attempt-0")


def test_a_start_that_is_nowhere_is_said(tmp_path):
    _, err = run(tmp_path, "run", *EUREKA, "r", "--set", "method.start=nowhere.py", code=2)
    assert "nowhere.py is no reward to start from" in err


def test_best_tells_the_ideas_tried_and_what_became_of_them(tmp_path):
    run(tmp_path, "run", *EUREKA, "r", "--method", "best", "--rounds", "2", "--samples", "3", "--racing", "off")
    told = prompt(tmp_path, "r", "best/round-2/sample-1/attempt-0")
    assert told.count(" -> fitness ") == 2 and told.count("Reward ") >= 3
    reflection = told.partition("```reflection\n")[2].partition("```")[0].strip().splitlines()
    assert all(len(line.partition(": ")[2].split(", ")) == 4 for line in reflection)
