"""Questions wait on disk for a person: answered late, twice, wrongly, not at all; the process killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eureka_cli import asking, people
from eureka_cli.errors import ConfigError, UsageError
from eureka_cli.people import Answer, Option, Question

METHOD = Path(__file__).with_name("asking_method.py")
ROOT = METHOD.parent.parent.parent
SLOT = "asking/round-1/preference"
DONE = 1
"""The method ends in an error, having trained nothing."""


@pytest.fixture
def start(tmp_path):
    """Start a run of the asking method; returns the process once its question waits."""
    processes = []

    def begin(*more):
        command = [sys.executable, "-m", "eureka_cli.cli.main", "run", "--task", "cartpole_balance", "--name", "r"]
        command += ["--model", "builtin", "--preset", "smoke", "--method", str(METHOD), "--cores", "1", *more]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        file = tmp_path / "runs" / "r" / "asks" / f"{SLOT}.question.json"
        while not file.exists() and process.poll() is None:
            time.sleep(0.05)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def heard(tmp_path):
    lines = (tmp_path / "runs/r/log.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "heard"]


def test_a_question_waits_survives_a_kill_and_the_answer_is_used_once(start, cli, tmp_path):
    first = start()
    assert "reward-synth answer r" in cli("status").stdout
    assert [question["slot"] for question in json.loads(cli("answer", "r", "--json").stdout)][-1] == SLOT
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    cli("answer", "r", "--words", "slower, please")  # the remark was put up first, so it is the oldest
    shown = cli("answer", "r", check=False)
    assert shown.returncode == 2 and "Which is better?" in shown.stdout and "videos/first.mp4" in shown.stdout
    cli("answer", "r", "--rank", "A > B")
    assert f"Taken back: {SLOT}" in cli("answer", "r", "--undo").stdout
    cli("answer", "r", "--rank", "second > first")
    second = start()
    assert second.wait(60) == DONE
    assert "Answered" not in cli("answer", "r").stdout
    assert [(event["ranks"], event["words"]) for event in heard(tmp_path)] == [
        ([["second"], ["first"]], "slower, please")
    ]
    late = cli("answer", "r", "--undo", check=False)
    assert late.returncode == 2 and "have been used" in late.stderr
    (tmp_path / "runs/r/asks" / f"{SLOT}.answer.json").unlink()
    third = start()
    assert third.wait(60) == DONE
    assert heard(tmp_path)[-1]["ranks"] == [["second"], ["first"]]


def test_that_nothing_was_said_is_remembered(start, cli, tmp_path):
    process = start()
    people.answer(tmp_path / "runs/r", question(), Answer(by="person", ranks=(("first",), ("second",))))
    assert process.wait(60) == DONE
    remark = Question(slot="asking/remark", kind="words", text="Anything to say?")
    with pytest.raises(UsageError, match="used already"):
        people.answer(tmp_path / "runs/r", remark, Answer(by="person", words="too late"))
    assert start().wait(60) == DONE
    assert [event["words"] for event in heard(tmp_path)] == [None, None]


def test_a_simulated_person_waits_for_nobody(start, tmp_path):
    process = start("--person", "simulated:0")
    assert process.wait(60) == DONE
    assert heard(tmp_path)[0]["ranks"] == [["first"], ["second"]]


def test_a_broken_answer_is_said_and_can_be_given_again(start, cli, tmp_path):
    process = start()
    (tmp_path / "runs/r/asks" / f"{SLOT}.answer.json").write_text("{nonsense")
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert "Write it again: reward-synth answer" in said


def question(names=("first", "second")):
    options = tuple(Option(name=name) for name in names)
    return Question(slot=SLOT, kind="rank", text="Which is better?", options=options)


@pytest.mark.parametrize(
    ("text", "ranks"),
    [
        ("B > A", (("second",), ("first",))),
        ("a=b", (("first", "second"),)),
        ("sec > fir", (("second",), ("first",))),
        ("b", (("second",),)),
    ],
)
def test_rankings_are_read_as_people_write_them(text, ranks):
    assert people.ranking(text, ["first", "second"]) == ranks


@pytest.mark.parametrize("text", ["c > a", "> a", "x", "a >> b"])
def test_a_ranking_of_what_is_not_there_names_what_is(text):
    with pytest.raises(UsageError, match=r"A \(first\), B \(second\)"):
        people.ranking(text, ["first", "second"])


@pytest.mark.parametrize(
    ("said", "cure"),
    [
        ({}, "An answer says something"),
        ({"ranks": (("third",),)}, "There are: first, second"),
        ({"ranks": (("first",), ("first",))}, "ranked once"),
    ],
)
def test_an_answer_has_to_fit(said, cure):
    with pytest.raises(UsageError, match=cure):
        people.check(question(), Answer(by="person", **said))


@given(st.permutations(["a", "b", "c", "d", "e", "f"]), st.integers(0, 2**32))
def test_a_faultless_annotator_names_best_and_worst(names, seed):
    truth = {name: float(k) for k, name in enumerate(names)}
    found = asking.simulated(question(names), truth=truth, rate=0.0, seed=seed)
    assert found.ranks[0] == (names[-1],) and found.ranks[-1] == (names[0],)
    assert sorted(name for group in found.ranks for name in group) == sorted(names)
    assert found.asked == 10


def test_a_fallible_annotator_errs_at_its_rate():
    truth = {"first": 1.0, "second": 0.0}
    wrong = [
        asking.simulated(question(), truth=truth, rate=0.3, seed=seed).ranks[0] == ("second",) for seed in range(2000)
    ]
    assert 0.26 < sum(wrong) / len(wrong) < 0.34


@pytest.mark.parametrize("person", ["you", "simulated:0.7", "simulated:x", "me:2"])
def test_an_unknown_person_is_said(person):
    with pytest.raises(ConfigError, match="simulated:RATE"):
        asking.noise(person)
