"""`sweep` on real, tiny runs: a model that answers, one recorded, one that has no answers."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import ROOT, assert_nothing_finished_was_run_again, events, facts, run, start
from test_reading import Outside

SUITE = f"""
tasks = ["cartpole_balance"]
models = {{ builtin = "builtin", claude = "recorded:{ROOT}/tests/recordings/{{task}}", dead = "recorded:none" }}
[settings]
preset = "smoke"
method.rounds = 1
critic.bank = false
budget.steps = 1024
search.confirm_seeds = 4
"""
BUILTIN, CLAUDE, DEAD = (f"cartpole_balance-eureka-{model}-s0" for model in ("builtin", "claude", "dead"))


def prepare(folder: Path, suite: str = SUITE) -> Path:
    (folder / "none").mkdir(exist_ok=True)
    (folder / "tiny.toml").write_text(suite)
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = prepare(tmp_path_factory.mktemp("swept"))
    out, err = run(folder, "sweep", "tiny.toml", code=1)
    return folder, out, err


def told(folder: Path) -> dict:
    return json.loads(run(folder, "sweep", "--only-tables", "tiny", "--json")[0])


def test_what_fails_is_listed_with_its_reason_and_the_rest_is_done(finished):
    folder, out, err = finished
    found = told(folder)
    assert {row["cell"]: row["state"] for row in found["cells"]} == {BUILTIN: "done", CLAUDE: "done", DEAD: "failed"}
    assert "2 of 3 cells done, 1 failed" in out and f"Failed: {DEAD}: none holds no answer for" in out
    assert "1 of 3 cells have no result and are in no score" in out
    assert f"{DEAD}: failed, 0 CPU-s: none holds no answer for" in err and "2 of 3 cells, 1 failed" in err
    (task,) = found["tasks"]
    assert task["human"] and task["sparse"] and task["random"]
    assert [row["runs"] for row in task["arms"]] == [1, 1, 0]
    assert [arm["failed"] for arm in found["arms"]] == [0, 0, 1]


def test_two_arms_are_compared_where_both_have_a_result(finished, tmp_path):
    folder, *_ = finished
    shutil.copytree(folder / "runs", tmp_path / "runs")
    prepare(tmp_path, SUITE.replace(', dead = "recorded:none"', ""))
    out, _ = run(tmp_path, "sweep", "tiny.toml")
    found = told(tmp_path)
    (pair,) = found["pairs"]
    assert pair["verdict"] == "too few runs to tell" and "too few runs to tell" in out
    for arm in found["arms"]:
        low, middle, high = (arm["percentiles"][share][0] for share in ("10", "25", "50"))
        assert low <= middle <= high and arm["iqm"][1] <= arm["iqm"][0] <= arm["iqm"][2]
        assert arm["cost"]["steps"] > 0 and arm["cost"]["cpu_s"] > 0 and arm["cost"]["wall_s"] > 0
        assert arm["above_human"]["of"] == 1
    assert found["cost"]["steps"] > sum(arm["cost"]["steps"] for arm in found["arms"])  # the baselines


def test_cells_are_ordinary_runs_that_share_baselines(finished):
    folder, *_ = finished
    assert not (folder / "runs/tiny/.cache").exists()
    started = [e["address"] for e in events(folder / "runs/tiny" / CLAUDE) if e["event"] == "job-start"]
    own = {
        str(job.parent.relative_to(folder / "runs/tiny" / CLAUDE / "jobs"))
        for job in (folder / "runs/tiny" / CLAUDE).glob("jobs/*/*/result.json")
    }
    assert {address for address in started if address.startswith(("train/", "evaluate/"))} <= own
    assert f"tiny/{BUILTIN}: done" in run(folder, "status")[0]
    assert "best reward" in run(folder, "report", f"tiny/{BUILTIN}")[0]
    assert "best reward" in run(folder, "resume", f"tiny/{CLAUDE}")[0]
    assert "difference of IQMs" in run(folder, "compare", f"tiny/{BUILTIN}", f"runs/tiny/{CLAUDE}")[0]


def test_the_same_command_again_touches_nothing_that_is_done(finished):
    folder, *_ = finished
    before = {name: len(events(folder / "runs/tiny" / name)) for name in (BUILTIN, CLAUDE)}
    run(folder, "sweep", "tiny.toml", code=1)
    assert before == {name: len(events(folder / "runs/tiny" / name)) for name in before}


def test_the_page_leads_to_the_reports_and_loads_nothing(finished):
    folder, *_ = finished
    run(folder, "sweep", "tiny.toml", code=1)
    text = (folder / "runs/tiny/sweep.html").read_text()
    outside = Outside()
    outside.feed(text)
    assert outside.loads == [f"{cell}/report.html" for cell in (BUILTIN, CLAUDE)]
    assert all((folder / "runs/tiny" / link).exists() for link in outside.loads)
    assert f"Failed: {DEAD}" in text


def test_other_settings_are_refused_before_anything_is_lost(finished):
    folder, *_ = finished
    _, err = run(folder, "sweep", "tiny.toml", "--set", "search.confirm_seeds=3", code=2)
    assert "has other settings than this suite. Choose another --name" in err
    assert "confirm_seeds = 4" in (folder / "runs/tiny/sweep.toml").read_text()


def test_killed_in_the_middle_it_goes_on_to_the_same_result(finished, tmp_path):
    folder, *_ = finished
    prepare(tmp_path)
    for cell in (BUILTIN, CLAUDE):
        process = start(tmp_path, "sweep", "tiny.toml")
        log = tmp_path / "runs/tiny" / cell / "log.jsonl"
        while not log.exists() or "job-start" not in log.read_text():
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    run(tmp_path, "sweep", "tiny.toml", code=1)
    for cell in (BUILTIN, CLAUDE):
        assert_nothing_finished_was_run_again(tmp_path / "runs/tiny" / cell)
        ours, theirs = (facts(place / "runs/tiny" / cell) for place in (tmp_path, folder))
        assert ours["decisions"] == theirs["decisions"] and ours["best"] == theirs["best"]


def test_ctrl_c_leaves_no_process_and_says_how_to_go_on(tmp_path):
    prepare(tmp_path)
    process = start(tmp_path, "sweep", "tiny.toml")
    log = tmp_path / "runs/tiny" / BUILTIN / "log.jsonl"
    while not log.exists() or "train/" not in log.read_text():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "Traceback" not in err
    assert "The same command goes on" in err
    assert events(tmp_path / "runs/tiny" / BUILTIN)[-1]["event"] == "interrupted"
    time.sleep(0.3)
    assert not subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert "interrupted" in run(tmp_path, "sweep", "--only-tables", "tiny")[0]


def test_a_spent_cap_of_the_whole_stops_and_can_be_raised(tmp_path):
    prepare(tmp_path, SUITE.replace(', dead = "recorded:none"', ""))
    _, err = run(tmp_path, "sweep", "tiny.toml", "--budget-steps", "2500", "--at-once", "1", code=3)
    assert "The limit of 2,500 steps is reached" in err
    first = told(tmp_path)
    assert [row["state"] for row in first["cells"]] == ["limit reached", "waiting"]
    assert 0 < first["cost"]["steps"] <= 2500
    out, _ = run(tmp_path, "sweep", "tiny.toml", "--budget-cpu-hours", "1")
    assert "2 of 2 cells done" in out
    assert_nothing_finished_was_run_again(tmp_path / "runs/tiny" / BUILTIN)


def test_cells_side_by_side_are_stopped_by_the_cap_and_find_what_one_alone_finds(finished, tmp_path):
    folder, *_ = finished
    suite = SUITE.replace('tasks = ["cartpole_balance"]', 'tasks = ["cartpole_balance", "reacher_reach"]')
    prepare(tmp_path, suite.split("models")[0] + suite[suite.index("[settings]") :])
    process = start(tmp_path, "sweep", "tiny.toml", "--at-once", "2")
    logs = [
        tmp_path / f"runs/tiny/{task}-eureka-builtin-s0/log.jsonl" for task in ("cartpole_balance", "reacher_reach")
    ]
    while not all(log.exists() for log in logs):
        assert process.poll() is None
        time.sleep(0.05)
    assert '"run-done"' not in logs[0].read_text()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    run(tmp_path, "sweep", "tiny.toml", "--budget-steps", "5000", code=3)
    found = told(tmp_path)
    assert {row["state"] for row in found["cells"]} & {"interrupted", "limit reached"}
    assert 0 < found["cost"]["steps"] <= 10_000
    run(tmp_path, "sweep", "tiny.toml")
    assert facts(tmp_path / "runs/tiny" / BUILTIN)["decisions"] == facts(folder / "runs/tiny" / BUILTIN)["decisions"]


def test_a_dry_run_lists_the_runs_warns_of_the_cap_and_trains_nothing(tmp_path):
    prepare(tmp_path)
    out, _ = run(tmp_path, "sweep", "tiny.toml", "--seed", "0", "--seed", "1", "--dry-run", "--budget-steps", "20000")
    assert "6 of 6 cells to run: about" in out and out.count("-s1") == 3
    assert "The limits buy less: about 2 of 6 cells." in out
    assert not (tmp_path / "runs/tiny").exists() and not list(tmp_path.glob("runs/.cache/jobs/train"))
    found = json.loads(run(tmp_path, "sweep", "--suite", "smoke", "--preset", "smoke", "--dry-run", "--json")[0])
    assert "cartpole_balance-eureka-builtin-s0" in [row["cell"] for row in found["cells"]]
    assert found["whole"]["steps"] > 0 and found["bought"] == len(found["cells"])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("none.toml",), "No file none.toml"),
        (("broken.toml",), "broken.toml is not valid TOML"),
        (("--suite", "quik"), "Did you mean 'quick'"),
        (("--suite", "smoke", "--model", "recorded:nowhere"), "needs a run folder"),
        (("--suite", "smoke", "--model", "builtn"), "Did you mean 'builtin'"),
        (("--suite", "smoke", "--set", "trainer.hiden=1"), "Did you mean 'hidden'"),
        (("--only-tables", "nothing"), "No sweep 'nothing'"),
        ((), "Which tasks?"),
    ],
)
def test_mistakes_get_one_sentence_before_anything_is_spent(tmp_path, arguments, says):
    (tmp_path / "broken.toml").write_text("tasks = [")
    _, err = run(tmp_path, "sweep", *arguments, code=2)
    assert says in err and len(err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("runs/*/sweep.toml"))
