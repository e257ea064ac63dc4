"""`compare` on real, tiny runs: two that can be compared, one whose fitness was edited, one that is not finished."""

from __future__ import annotations

import json
import shutil

import pytest
from program import ROOT, SMOKE, run
from test_reading import Outside

TINY = (
    *SMOKE,
    "--set",
    "critic.bank=false",
    "--set",
    "search.confirm_seeds=4",
    "--budget-steps",
    "1024",
    "--rounds",
    "1",
)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compared")
    run(folder, "run", *TINY, "--name", "a<i>")
    run(folder, "run", *TINY, "--name", "b", "--seed", "1", "--racing", "off")
    run(folder, "run", *TINY, "--name", "again", "--seed", "1", "--racing", "off")
    shutil.copytree(ROOT / "envs" / "cartpole", folder / "envs" / "cartpole")
    task = folder / "envs" / "cartpole" / "cartpole_balance.py"
    task.write_text(task.read_text() + "\nUNUSED = 1\n")
    run(folder, "run", *TINY, "--name", "edited")
    run(folder, "run", *TINY, "--name", "half", "--seed", "9", "--budget-cpu-hours", "0.0000001", code=3)
    return folder


def test_two_runs_of_a_task_are_told_apart_or_not_with_numbers(runs):
    told = json.loads(run(runs, "compare", "a<i>", "b", "--json")[0])
    assert [row["run"] for row in told["runs"]] == ["a<i>", "b"]
    for row in told["runs"]:
        assert row["fitness"]["interval"][0] <= row["fitness"]["iqm"] <= row["fitness"]["interval"][1]
        assert len(row["fitness"]["scores"]) == 4 and row["cost"]["steps"] > 0
        assert row["human_normalised"] is None or 0 <= row["human_normalised"]["clipped"] <= 3
    (task,) = told["tasks"]
    assert {"seed", "search.racing"} <= set(task["differ"])
    (pair,) = task["pairs"]
    value, low, high = pair["difference"]
    ours, theirs = (row["fitness"]["iqm"] for row in told["runs"])
    assert value == pytest.approx(ours - theirs) and low <= value <= high
    assert pair["verdict"] in ("better", "worse", "not distinguishable")
    out, _ = run(runs, "compare", "a<i>", "b")
    assert "probability of improvement" in out and "search.racing: halving in a<i>, off in b" in out


def test_costs_leave_out_what_another_run_paid_for(runs):
    """`again` found baselines in the cache, `b` paid for them: the searches cost the same."""
    rows = json.loads(run(runs, "compare", "b", "again", "--json")[0])
    assert rows["runs"][0]["cost"]["steps"] == rows["runs"][1]["cost"]["steps"]
    assert rows["tasks"][0]["pairs"][0]["verdict"] == "the same trainings"


def test_another_fitness_under_the_same_name_is_not_compared(runs):
    out, _ = run(runs, "compare", "a<i>", "b", "edited")
    assert "cartpole_balance is not the same task in a<i>, b and edited: fitness code (" in out
    told = json.loads(run(runs, "compare", "a<i>", "edited", "--json")[0])
    assert [task["pairs"] for task in told["tasks"]] == [[], []]


def test_sides_are_compared_over_the_tasks_both_have_and_repeats_count_once(runs):
    told = json.loads(run(runs, "compare", "a<i>", "b", "again", "edited", "--by", "racing", "--json")[0])["by"]
    assert told["key"] == "search.racing" and len(told["tasks"]) == 1
    assert [side["n"] for side in told["sides"]] == [{"tasks": 1, "runs": 1, "seeds": 4}] * 2
    assert told["pairs"][0]["verdict"] == "too few runs to tell"
    assert any("again is b again" in note for note in told["notes"])
    assert any("is left out: no run with search.racing off" in note for note in told["notes"])
    for side in told["sides"]:
        assert len(side["profile"]["share"]) == len(told["taus"])


def test_sides_without_a_common_task_are_said_to_have_none(runs):
    out, _ = run(runs, "compare", "b", "edited", "--by", "racing", "--page", "none.html")
    assert "over no task that all sides have" in out
    assert "No task has runs on every side" in (runs / "none.html").read_text()


def test_the_page_loads_nothing_and_escapes_names(runs):
    run(runs, "compare", "a<i>", "b", "half", "--by", "seed", "--page", "c.html")
    text = (runs / "c.html").read_text()
    outside = Outside()
    outside.feed(text)
    assert outside.loads == []
    assert "<i>" not in text and "a&lt;i&gt;" in text
    assert text.count("<svg") == 3 and "<polygon" in text
    for wanted in ("half is not finished", "Performance profile", "probability of improvement", "By seed"):
        assert wanted in outside.text


def test_mistakes_get_a_sentence(runs):
    for arguments, says in (
        (("b",), "Name two different runs"),
        (("b", "b"), "Name two different runs"),
        (("b", "nothing"), "No run 'nothing'"),
        (("b", "half"), "half is not finished (stopped"),
        (("a<i>", "b", "--by", "racng"), "Did you mean 'racing'"),
        (("b", "again", "--by", "racing"), "All runs have search.racing off"),
    ):
        _, err = run(runs, "compare", *arguments, code=2)
        assert says in err
    assert "reward-synth resume half" in run(runs, "compare", "b", "half", code=2)[1]
    assert "half is not finished" in run(runs, "compare", "a<i>", "b", "half")[0]
