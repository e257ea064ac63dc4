"""In-Context Preference Learning as a person runs it: who is shown, who is asked, what they say counts."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest
from program import SMOKE, events, run, start

from eureka_cli import people
from eureka_cli.people import Answer

ICPL = (*SMOKE, "--method", "icpl", "--cores", "1", "--name", "r")


def prompt(folder, slot):
    return json.loads((folder / "runs/r/llm" / f"{slot}.json").read_text())["messages"][-1]["content"]


def told(folder, kind):
    return [event for event in events(folder / "runs/r") if event["event"] == kind]


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judged")
    out, err = run(folder, "run", *ICPL, "--rounds", "3", "--person", "simulated:0.3", "--json")
    return folder, json.loads(out), err


def test_whom_the_annotator_prefers_is_shipped(judged):
    folder, found, _ = judged
    last = told(folder, "preferred")[-1]
    assert found["best"]["candidate"] == last["standings"][0]["name"]
    assert found["preferences"]["surely"] == last["surely"] and 0.5 <= last["surely"] < 1
    assert len(found["best"]["scores"]) == 2 and {"human", "sparse", "random"} <= set(found["comparison"])


def test_the_best_so_far_is_among_those_compared(judged):
    folder, found, _ = judged
    best = [event["standings"][0]["name"] for event in told(folder, "preferred")]
    for number, before in enumerate(best[:-1], 2):
        question, _ = people.kept(folder / "runs/r", f"icpl/round-{number}/preference")
        assert before in {option.name for option in question.options}
        assert len(question.options) == 3
    assert found["cost"]["person_queries"] == 2 * (2 - 1) + 2 * 2 * (3 - 1)


def test_no_fitness_reaches_the_question_or_the_prompt(judged):
    folder, _, _ = judged
    for file in (folder / "runs/r/people").rglob("*.json"):
        assert "fitness" not in file.read_text()
    improve = prompt(folder, "icpl/round-3/sample-1/attempt-0")
    assert "fitness" not in improve and "component/" in improve
    assert not told(folder, "screened") and not told(folder, "race-stopped")


def test_the_next_prompt_has_both_codes_their_traces_and_the_history_of_differences(judged):
    folder, _, _ = judged
    question, said = people.kept(folder / "runs/r", "icpl/round-2/preference")
    code = {option.name: option.code for option in question.options}
    improve = prompt(folder, "icpl/round-3/sample-1/attempt-0")
    assert improve.index(code[said.ranks[0][0]]) < improve.index(code[said.ranks[-1][-1]])
    assert len(re.findall(r"```(?:reflection|trace)\ncomponent/", improve)) == 2
    record = json.loads((folder / "runs/r/llm/icpl/round-2/difference.json").read_text())
    assert "The preferred reward" in record["completion"]["text"]
    assert record["completion"]["text"].strip() in improve


def test_a_resumed_run_asks_nobody_again_and_ends_alike(judged):
    folder, found, _ = judged
    again, _ = run(folder, "resume", "r", "--json")
    assert json.loads(again)["best"] == found["best"]
    assert len(told(folder, "person")) == 3


def wait_for(file, process):
    while not file.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


def test_a_person_is_waited_for_over_a_kill_and_heard_in_full(tmp_path):
    """Ranking and words in round 1, code and a veto in round 2, and "none of these" in round 3."""
    arguments = ("run", *ICPL, "--rounds", "3")
    asks = tmp_path / "runs/r/asks/icpl"
    process = start(tmp_path, *arguments)
    wait_for(asks / "round-1/preference.question.json", process)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    [question] = people.waiting(tmp_path / "runs/r")
    names = [option.name for option in question.options]
    said = Answer(by="person", ranks=tuple((name,) for name in names), words="lean less", asked=1)
    people.answer(tmp_path / "runs/r", question, said)
    process = start(tmp_path, *arguments)
    wait_for(asks / "round-2/preference.question.json", process)
    assert "lean less" in prompt(tmp_path, "icpl/round-2/sample-1/attempt-0")
    [question] = people.waiting(tmp_path / "runs/r")
    assert names[0] in {option.name for option in question.options}
    code = 'def compute_reward(state, action, next_state):\n    up = -next_state.pole_angle**2\n    return up, {"up": up}\n'
    said = Answer(by="person", ranks=((names[0],),), code=code, veto=("cart_velocity_more",))
    people.answer(tmp_path / "runs/r", question, said)
    wait_for(asks / "round-3/preference.question.json", process)
    [question] = people.waiting(tmp_path / "runs/r")
    shown = {option.name: option.code for option in question.options}
    assert code in shown.values()
    assert all('"cart_velocity_more"' not in text for name, text in shown.items() if name != names[0])
    people.answer(tmp_path / "runs/r", question, Answer(by="person", none=True))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "scored" in err and "fitness" not in err
    assert f"best reward {names[0]}" in out and "preferred by person" in out


def test_who_likes_nothing_gets_nothing(tmp_path):
    process = start(tmp_path, "run", *ICPL, "--rounds", "1")
    wait_for(tmp_path / "runs/r/asks/icpl/round-1/preference.question.json", process)
    [question] = people.waiting(tmp_path / "runs/r")
    people.answer(tmp_path / "runs/r", question, Answer(by="person", none=True))
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 1 and "Go on with: reward-synth refine r" in err
    out, _ = run(tmp_path, "refine", "r", "--rounds", "1", "--person", "simulated:0", "--words", "stand", "--json")
    assert json.loads(out)["run"].endswith("r-refine-1")
