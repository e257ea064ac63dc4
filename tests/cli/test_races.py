"""A race as a person runs it: who stops is said, what it saves is counted, who goes on is none the worse for it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from program import SMOKE, events, run

STEPS = 10_240
ROUND = (*SMOKE, "--rounds", "1", "--samples", "4", "--critic", "off", "--budget-steps", str(STEPS), "--json")
ROLLOUTS = ("--set", "trainer.num_envs=32", "--set", "trainer.rollout_steps=32")  # ten, so that shares come out even
NO_TIES = ("--set", "search.race_ties=0")


@pytest.fixture(scope="module")
def raced(tmp_path_factory):
    """The same round by halving and without a race: (folder, summary, what was said), twice."""
    folder = tmp_path_factory.mktemp("raced")
    found = []
    for name, how in (("halving", NO_TIES), ("off", ("--racing", "off"))):
        out, err = run(folder, "run", *ROUND, *ROLLOUTS, *how, "--name", name)
        found.append((folder / "runs" / name, json.loads(out), err))
    return found


def last_scores(folder: Path) -> dict[str, dict]:
    return {event["candidate"]: event for event in events(folder) if event["event"] == "score"}


def searched(folder: Path) -> list[dict]:
    """Training jobs of the search, without those of the confirmation."""
    jobs = {address for event in events(folder) if event["event"] == "score" for address in event["jobs"]}
    return [event for event in events(folder) if event["event"] == "job-done" and event["address"] in jobs]


def test_saved_and_used_steps_are_the_whole_budget(raced):
    (halving, found, _), (off, without, _) = raced
    count = len(last_scores(halving))
    assert count == len(last_scores(off)) >= 3
    used = sum(job["steps"] for job in searched(halving))
    assert used + found["search"]["steps_saved_by_racing"] == count * STEPS
    assert without["search"]["steps_saved_by_racing"] == without["search"]["stopped_by_racing"] == 0
    assert found["search"]["stopped_by_racing"] == count - 1  # smoke confirms one


def test_who_goes_on_ends_with_the_bytes_of_a_training_without_pauses(raced):
    (halving, _, _), (off, _, _) = raced
    finished = [event for event in last_scores(halving).values() if event["steps"] == STEPS]
    assert finished
    for ours in finished:
        theirs = last_scores(off)[ours["candidate"]]
        assert (ours["fitness"], ours["curve"]) == (theirs["fitness"], theirs["curve"])
        for one, other in zip(ours["jobs"], theirs["jobs"], strict=True):
            assert one != other
            files = sorted(file.name for file in (halving / "jobs" / one).glob("policy-*.npz"))
            assert len(files) == 11  # ten checkpoints and where it ended
            for name in [*files, "checkpoint.npz"]:
                with np.load(halving / "jobs" / one / name) as a, np.load(off / "jobs" / other / name) as b:
                    assert {k: a[k].tobytes() for k in a.files} == {k: b[k].tobytes() for k in b.files}


def test_the_log_the_lines_the_page_and_show_say_who_stopped_where_and_at_which_bar(raced):
    folder, found, err = raced[0]
    stops = [event for event in events(folder) if event["event"] == "race-stopped"]
    assert {stop["share"] for stop in stops} == {0.2, 0.4}
    page, (shown, _) = (folder / "report.html").read_text(), run(folder.parents[1], "show", folder.name)
    for stop in stops:
        assert stop["fitness"] < stop["bar"]
        assert stop["saved_steps"] == STEPS * (1 - stop["share"])
        says = f"stopped at {stop['share']:.0%} of the budget (the bar was {stop['bar']:.3g}; saved {stop['saved_steps']:,} steps)"
        for text in (err, page, shown):
            assert says in text
    total = f"{found['search']['steps_saved_by_racing']:,}"
    assert f"{total} more saved by racing" in page
    out, _ = run(folder.parents[1], "report", folder.name)
    assert re.search(rf"stopped early by the race: \d of \d, which saved {total} environment steps", out)


def test_a_resumed_run_counts_nothing_twice(raced, tmp_path):
    folder, found, _ = raced[0]
    shutil.copytree(folder.parents[1], tmp_path / "copy")
    again = json.loads(run(tmp_path / "copy", "run", *ROUND, *ROLLOUTS, *NO_TIES, "--name", "halving")[0])
    assert again["search"] == found["search"]
    stops = [event for event in events(tmp_path / "copy/runs/halving") if event["event"] == "race-stopped"]
    assert len(stops) == 2 * found["search"]["stopped_by_racing"]


def test_a_dry_run_tells_what_to_expect_and_the_most_it_can_be(tmp_path):
    def estimate(*how: str) -> tuple[int, int]:
        out, _ = run(tmp_path, "run", *ROUND, *how, "--dry-run")
        found = json.loads(out)["estimate"]
        return found["steps"], found["most_steps"]

    confirmed = 3 * 2 * STEPS  # one candidate, human and sparse, two seeds each
    assert estimate("--racing", "off") == (4 * STEPS + confirmed, 4 * STEPS + confirmed)
    # Four to a fifth, two to two fifths, one to the end.
    assert estimate() == (round(STEPS * (4 * 0.2 + 2 * 0.2 + 0.6)) + confirmed, 4 * STEPS + confirmed)
