"""The main job as a person runs it: real processes, real training on a tiny budget."""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import ROOT, SMOKE, answering, assert_nothing_finished_was_run_again, events, facts, run, start

from eureka_cli import __version__

COMPILES_S = 1800
"""For what compiles XLA programs on a CPU that does other work too."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """One finished run; tests copy it before they change it."""
    folder = tmp_path_factory.mktemp("finished")
    out, err = run(folder, "run", *SMOKE, "--name", "one", "--json")
    return folder, json.loads(out), err


# ---------------------------------------------------------------- what a run leaves behind


def test_it_ends_with_a_reward_its_fitness_beside_baselines_a_page_and_the_cost(finished):
    folder, found, err = finished
    path = folder / "runs" / "one"
    assert (path / "best.py").read_text().startswith(f"# Reward {found['best']['candidate']} for cartpole_balance")
    low, high = found["best"]["interval"]
    assert low <= found["best"]["iqm"] <= high
    assert {row["label"] for row in found["others"]} == {"candidate", "human", "sparse", "random"}
    assert set(found["comparison"]) == {"human", "sparse", "random"}
    assert all(len(row["scores"]) == 2 for row in found["others"])
    assert found["cost"]["steps"] == sum(e["steps"] for e in events(path) if e["event"] == "job-done")
    assert found["cost"]["cpu_s"] > 0
    assert "landlock" in found["isolation"]
    page = (path / "report.html").read_text()
    assert found["best"]["candidate"][:12] in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "round 1 of 2" in err
    assert (folder / "runs" / "one" / "run.toml").read_text().count("[config") >= 1


def test_search_evaluation_and_confirmation_never_share_a_seed(finished):
    folder, *_ = finished
    pools: dict[str, set[int]] = {"training": set(), "evaluation": set()}
    for file in folder.glob("runs/**/jobs/*/*/job.json"):
        job = json.loads(file.read_text())
        if job["kind"] == "train":
            pools["training"].add(job["spec"]["seed"])
        if job["kind"] == "evaluate":
            pools["evaluation"] |= set(job["spec"]["seeds"]) | set(job["spec"]["curve_seeds"])
    assert len(pools["training"]) == 3  # one for the search, two fresh ones
    assert not pools["training"] & pools["evaluation"]


def test_no_job_of_training_names_the_fitness(finished):
    folder, *_ = finished
    for file in folder.glob("runs/**/jobs/train/*/job.json"):
        assert "judge" not in json.loads(file.read_text())["spec"]


def test_the_same_command_again_does_nothing_twice(finished, tmp_path):
    folder, found, _ = finished
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy"
    before = len(events(path / "runs/one"))
    again = json.loads(run(path, "run", *SMOKE, "--name", "one", "--json")[0])
    assert again["best"] == found["best"]
    assert again["cost"]["cpu_s"] == found["cost"]["cpu_s"]
    assert not [e for e in events(path / "runs/one")[before:] if e["event"] in ("job-start", "asked", "job-done")]
    out, _ = run(path, "resume", "one")
    assert "best reward" in out


def everything(folder: Path) -> dict:
    """All of a run but what the clock says: `facts`, each result, each event in any order."""
    costs = {"time", "cpu_s", "simulation_cpu_s"}

    def plain(table: dict) -> str:
        return json.dumps({key: value for key, value in table.items() if key not in costs}, sort_keys=True)

    results = {
        str(file.relative_to(root)): plain(json.loads(file.read_text())["result"])
        for root in (folder, folder.parent / ".cache")
        for file in root.glob("jobs/*/*/result.json")
    }
    return {**facts(folder), "results": results, "events": sorted(plain(event) for event in events(folder))}


@pytest.mark.parametrize(("cores", "order"), [("1", None), ("2", "0"), ("3", "1")])
def test_neither_cores_nor_the_order_of_finishing_change_anything(cores, order, finished, tmp_path):
    folder, *_ = finished
    shuffled = ("--set", f"executor_name={Path(__file__).with_name('shuffled.py')}") if order else ()
    run(tmp_path, "run", *SMOKE, "--name", "one", "--cores", cores, *shuffled, ORDER=order or "")
    ours, theirs = everything(tmp_path / "runs/one"), everything(folder / "runs/one")
    assert ours.keys() == theirs.keys() and len(ours["results"]) > 10
    for name in ours:
        assert ours[name] == theirs[name]


def test_another_seed_gives_other_candidates(finished, tmp_path):
    folder, *_ = finished
    other = tmp_path / "other"
    other.mkdir()
    run(other, "run", *SMOKE, "--name", "two", "--seed", "1")
    assert facts(other / "runs/two")["candidates"] != facts(folder / "runs/one")["candidates"]


# ---------------------------------------------------------------- interruptions


def kill_and_resume(tmp_path: Path, reference: dict, moments: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(moments):
        process = start(tmp_path, "run", *SMOKE, "--name", "one")
        time.sleep(chance.uniform(0.6, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    run(tmp_path, "run", *SMOKE, "--name", "one")
    assert facts(tmp_path / "runs/one") == reference
    assert_nothing_finished_was_run_again(tmp_path / "runs/one")


def test_killed_at_random_moments_it_goes_on_to_the_same_result(finished, tmp_path):
    folder, *_ = finished
    kill_and_resume(tmp_path, facts(folder / "runs/one"), moments=3, seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_killed_once_at_twenty_moments(finished, tmp_path, seed):
    folder, *_ = finished
    kill_and_resume(tmp_path, facts(folder / "runs/one"), moments=1, seed=100 + seed)


def test_ctrl_c_says_how_to_go_on_and_leaves_no_process(tmp_path):
    process = start(tmp_path, "run", *SMOKE, "--name", "one")
    log = tmp_path / "runs/one/log.jsonl"
    while not log.exists() or "train/" not in log.read_text():
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "reward-synth resume one" in err
    assert "Traceback" not in err
    time.sleep(0.3)
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert not left
    out, _ = run(tmp_path, "resume", "one")
    assert "best reward" in out
    assert_nothing_finished_was_run_again(tmp_path / "runs/one")


def test_a_second_process_on_the_same_run_is_turned_away(tmp_path):
    process = start(tmp_path, "run", *SMOKE, "--name", "one")
    while not (tmp_path / "runs/one/run.toml").exists():
        time.sleep(0.05)
    _, err = run(tmp_path, "resume", "one", code=1)
    assert "another process" in err
    process.kill()
    process.communicate()


def test_a_spent_budget_stops_between_effects_and_can_be_raised(tmp_path):
    _, err = run(tmp_path, "run", *SMOKE, "--name", "one", "--budget-cpu-hours", "0.0002", code=3)
    assert "CPU-hours is reached" in err
    assert "resume one" in err
    out, _ = run(tmp_path, "resume", "one", "--set", "budget.cpu_hours=1")
    assert "best reward" in out


# ---------------------------------------------------------------- other models


GOOD = """Upright.

```python
import numpy as np


def compute_reward(state, action, next_state):
    upright = 1.0 - np.abs(next_state.pole_angle)
    return upright, {"upright": upright}
```
"""


def test_exchange_asks_by_files_and_its_recording_replays_the_whole_run(tmp_path):
    def answer(question: str, number: int) -> str:
        assert "```state-table" in question
        if number == 1:
            return GOOD.replace("pole_angle", "pole_tilt")  # refused, repaired
        return GOOD.replace("1.0 -", f"{number}.0 -")

    asks = tmp_path / "runs/one/asks"
    arguments = (*SMOKE, "--rounds", "2", "--samples", "2", "--set", "search.racing=off")
    with answering(asks, answer) as person:
        first = json.loads(run(tmp_path, "run", *arguments, "--name", "one", "--model", "exchange:test", "--json")[0])
    assert len(person.slots) == 5
    assert any("attempt-1" in slot for slot in person.slots)
    repair = next(asks.rglob("*attempt-1.question.md")).read_text()
    assert "no field pole_tilt" in repair
    recorded = ("--model", "recorded:runs/one", "--name", "two")
    second = json.loads(run(tmp_path, "run", *arguments, *recorded, "--json")[0])
    assert second["best"] == first["best"]
    assert facts(tmp_path / "runs/two")["candidates"] == facts(tmp_path / "runs/one")["candidates"]
    _, err = run(tmp_path, "run", *arguments, *recorded[:2], "--rounds", "3", "--name", "three", code=1)
    assert "holds no answer for eureka/round-3" in err


def test_a_model_that_answers_nonsense_stops_the_run_with_its_findings(tmp_path):
    arguments = (*SMOKE, "--model", "exchange", "--name", "one", "--set", "method.repeats=1")
    with answering(tmp_path / "runs/one/asks", lambda question, number: "I would rather not."):
        _, err = run(tmp_path, "run", *arguments, code=1)
    assert "No candidate of round 1 survived 2 tries" in err


# ---------------------------------------------------------------- any Gymnasium id


def test_a_gymnasium_id_and_a_sentence(tmp_path):
    (tmp_path / "f.py").write_text(
        "import numpy as np\n\n\ndef fitness(trajectory):\n    return -float(np.mean(np.abs(trajectory.action)))\n"
    )
    goal = ("--env", "Pendulum-v1", "--goal", "swing the pendulum up and hold it upright")
    out, _ = run(tmp_path, "run", *goal, "--fitness", "f.py", "--preset", "smoke", "--json")
    found = json.loads(out)
    assert found["task"] == "pendulum_v1"
    assert {row["label"] for row in found["others"]} == {"candidate", "random"}
    _, err = run(tmp_path, "run", *goal, "--preset", "smoke", code=2)
    assert "reports no success" in err
    assert "--fitness" in err
    asked = [file for file in tmp_path.glob("runs/*/log.jsonl") if '"asked"' in file.read_text()]
    assert len(asked) == 1  # the second run stopped before a model was asked


def test_a_dry_run_shows_the_prompt_and_the_cost_and_trains_nothing(tmp_path):
    out, _ = run(tmp_path, "run", "--task", "pen_spin", "--dry-run", "--json")
    found = json.loads(out)
    assert "spin the pen" in found["messages"][1]["content"]
    assert found["estimate"]["calls"] == 12
    assert found["estimate"]["steps"] > 1e6
    assert not list(tmp_path.glob("runs/**/jobs/train"))


def test_other_settings_under_the_same_name_are_refused_before_anything_is_lost(finished):
    folder, *_ = finished
    before = facts(folder / "runs/one")
    _, err = run(folder, "run", *SMOKE, "--name", "one", "--seed", "5", code=2)
    assert "other settings" in err
    assert facts(folder / "runs/one") == before


def test_doctor_and_tasks(tmp_path):
    out, _ = run(tmp_path, "doctor")
    assert "landlock" in out
    out, _ = run(tmp_path, "tasks", "--json")
    shipped = {task["name"]: task["env"] for task in json.loads(out)}
    served = {file.stem.removesuffix("_human") for file in (ROOT / "envs").glob("*/rewards/*_human.py")}
    assert served == {name if name in served else env for name, env in shipped.items()}  # each has one, none is idle


def test_it_says_its_version(tmp_path):
    assert run(tmp_path, "--version")[0] == f"reward-synth {__version__}\n"


def test_every_command_shows_how_it_is_used(tmp_path):
    out, _ = run(tmp_path, "--help")
    commands = [line.split()[0] for line in out.partition("Commands:")[2].splitlines() if line[:3].strip()]
    assert len(commands) >= 8
    for name in commands:
        assert "Example" in run(tmp_path, name, "--help")[0], name


@pytest.mark.slow
def test_mjx_ppo_trains_a_round_as_one_program_behind_the_same_command(tmp_path):
    pytest.importorskip("jax")
    few = ("num_envs=32", "rollout_steps=16", "minibatch=128", "starts=32")
    settings = [word for setting in few for word in ("--set", f"trainer.{setting}")]
    how = ("--trainer", "mjx_ppo", *settings, "--rounds", "1", "--set", "search.confirm_seeds=2", "--cores", "1")
    out, _ = run(tmp_path, "run", *SMOKE, *how, "--name", "r", "--json", timeout_s=COMPILES_S, JAX_PLATFORMS="cpu")
    found = json.loads(out)
    assert found["best"]["scores"]
    assert "traced in a weaker one" in found["isolation"]
    folder = tmp_path / "runs/r"
    done = [event["address"] for event in events(folder) if event["event"] == "job-done"]
    rounds = [json.loads((file / "job.json").read_text())["spec"]["jobs"] for file in (folder / "jobs/round").iterdir()]
    assert list(map(len, rounds)) == [6]  # the best, human and sparse on two seeds each
    trained = {name for name in done if name.startswith("train/")}
    assert len(trained) == 7 and trained > set(rounds[0])  # the one accepted candidate was alone before
    spec = json.loads((folder / "jobs" / rounds[0][0] / "job.json").read_text())["spec"]
    assert set(spec["trainer"]["packages"]) == {"jax", "jaxlib", "mujoco-mjx"}

    kept, lost = (folder / "jobs" / address / "result.json" for address in rounds[0][:2])
    before = kept.stat().st_mtime_ns
    lost.unlink()
    run(tmp_path, "resume", "r", timeout_s=COMPILES_S, JAX_PLATFORMS="cpu")
    assert kept.stat().st_mtime_ns == before and lost.exists()


@pytest.mark.skipif(importlib.util.find_spec("jax") is not None, reason="JAX is here")
def test_without_jax_mjx_ppo_says_what_to_install(tmp_path):
    _, err = run(tmp_path, "run", *SMOKE, "--trainer", "mjx_ppo", code=2)
    assert "pip install 'reward-synth[mjx]'" in err


def test_stable_baselines3_trains_behind_the_same_command(tmp_path):
    settings = ("--trainer", "sb3", "--set", "trainer.rollout_steps=64", "--set", "budget.steps=1024")
    out, _ = run(tmp_path, "run", *SMOKE, *settings, "--name", "r", "--json")
    assert json.loads(out)["best"]["scores"]
    for job in (tmp_path / "runs/r/jobs/train").iterdir():
        assert '"sb3"' in (job / "job.json").read_text()
    _, err = run(tmp_path, "run", *SMOKE, *settings, "--set", "trainer.algorithm=trpo", "--name", "s", code=2)
    assert "trainer.algorithm" in err
    _, err = run(tmp_path, "run", *SMOKE, *settings, "--set", "trainer.algorithm=dqn", "--name", "t", code=2)
    assert "dqn does not fit continuous actions" in err
    assert not list(tmp_path.glob("runs/t/llm/**/*.json"))  # nobody was asked
