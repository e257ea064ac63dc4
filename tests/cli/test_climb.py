"""A search that ends with a climb, as a person runs it: a tiny world, real training, every part of the flow."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from program import ROOT, assert_nothing_finished_was_run_again, events, facts, run, start

WORLD = ROOT / "tests" / "climbs" / "envs"
CLIMB = ("--task", "balance_alone", "--preset", "smoke", "--rounds", "1", "--critic", "off")
RANKED = ("--set", "search.confirm=2", "--set", "search.racing=off", "--set", "curriculum.human=true")
RANKED += ("--set", "trainer.epochs=3")  # the last word is the run's, whatever the curriculum advises


@pytest.fixture(scope="module")
def climbed(tmp_path_factory):
    """The folder of a finished run, its summary, and what was said on the way."""
    folder = tmp_path_factory.mktemp("climbed")
    shutil.copytree(WORLD, folder / "envs")
    out, err = run(folder, "run", *CLIMB, *RANKED, "--name", "one", "--json")
    return folder / "runs/one", json.loads(out), err


def chunks(folder: Path, stage: str, label: str = "candidate") -> list[dict]:
    return [e for e in events(folder) if e["event"] == "chunk" and (e["stage"], e["label"]) == (stage, label)]


def specs(folder: Path, kind: str) -> list[dict]:
    files = [*folder.glob(f"jobs/{kind}/*/job.json"), *folder.parent.glob(f".cache/jobs/{kind}/*/job.json")]
    return [json.loads(file.read_text())["spec"] for file in files]


def test_the_winner_climbs_and_is_measured_at_every_goal_and_variant(climbed):
    folder, found, err = climbed
    climb = found["climb"]
    assert climb["curriculum"] == "help"
    assert [(row["goal"], row["variant"]) for row in climb["goals"] if row["label"] == "candidate"] == [
        ("alone", ""),
        ("light", ""),
        ("alone", "gravity 0.9"),
        ("alone", "gravity 1.1"),
    ]
    for row in climb["goals"]:
        assert len(row["scores"]) == 2 and 0 <= row["drops"] <= 1 and row["extras"]["metres"] >= 0
        assert row["interval"][0] <= row["iqm"] <= row["interval"][1]
    robust = next(row for row in climb["robust"] if row["label"] == "candidate")
    varied = [row["scores"] for row in climb["goals"] if row["label"] == "candidate" and row["variant"]]
    assert robust["scores"] == [min(own) for own in zip(*varied, strict=True)]
    at_goal = next(row for row in climb["goals"] if row["label"] == "candidate")
    assert found["best"]["scores"] == at_goal["scores"]
    assert {row["label"] for row in found["others"]} == {"candidate", "human", "random"}
    assert found["likeness"] and found["divergence"]["certificates"].keys() == {"candidate", "human"}
    assert "climb from help 1 to goal 'alone'" in err and "climb human seed 2" in err
    page = (folder / "report.html").read_text()
    assert "The climb" in page and "gravity 1.1" in page and "Robust fitness" in page


def test_two_are_ranked_by_height_then_fitness_and_the_first_climbs(climbed):
    folder, found, _ = climbed
    ranked = found["climb"]["ranked"]
    order = [(one["height"], one["fitness"]) for one in ranked]
    assert len(order) == 2 and order == sorted(order, reverse=True)
    assert {e["candidate"] for e in chunks(folder, "climb")} == {ranked[0]["candidate"]} == {found["best"]["candidate"]}
    assert not {e["seed"] for e in chunks(folder, "rank")} & {e["seed"] for e in chunks(folder, "climb")}


def test_chunks_are_pauses_of_one_schedule_and_name_their_world(climbed):
    folder, *_ = climbed
    jobs = [spec for spec in specs(folder, "train") if "fresh_world" in spec]
    assert {spec["total"] for spec in jobs} == {8192}
    worlds = {json.dumps(spec["world"]["params"], sort_keys=True): spec["world"]["measured"] for spec in jobs}
    assert len(worlds) > 1
    for spec in jobs:
        assert "judge" not in spec and "curriculum" not in spec  # a trainer sees no fitness and no rule made of it
        if not spec["start"]:
            assert not spec["fresh_world"] and spec["world"]["params"]["help"] == 1.0
    began = {
        f"train/{file.parent.name}": json.loads(file.read_text())["spec"]
        for file in folder.glob("jobs/train/*/job.json")
    }
    for spec in jobs:
        if spec["start"] in began:
            assert spec["fresh_world"] == (spec["world"] != began[spec["start"]]["world"])
    assert any(spec["fresh_world"] for spec in jobs)


def test_a_curriculum_advises_its_trainer_and_the_run_has_the_last_word(climbed):
    folder, *_ = climbed
    chosen = {
        ("fresh_world" in spec): (spec["trainer"]["config"]["hidden"], spec["trainer"]["config"]["epochs"])
        for spec in specs(folder, "train")
    }
    assert chosen == {True: (48, 3), False: (64, 3)}


def test_another_compiled_model_is_another_measurement(climbed):
    folder, *_ = climbed
    measured = {}
    for file in folder.parent.glob(".cache/jobs/measure/*/job.json"):
        params = json.loads(file.read_text())["spec"]["world"]["params"]
        model = json.loads(file.with_name("result.json").read_text())["result"]["model"]
        measured.setdefault(params["gravity"], set()).add(model)
    assert len(measured) == 4 and all(len(models) == 1 for models in measured.values())
    assert len(set.union(*measured.values())) == 4


def test_only_evaluations_of_a_climb_say_where_to_go_on(climbed):
    folder, *_ = climbed
    for file in folder.glob("jobs/evaluate/*/result.json"):
        result = json.loads(file.read_text())["result"]
        spec = json.loads(file.with_name("job.json").read_text())["spec"]
        assert ("next" in result) == ("height" in result) == ("curriculum" in spec)
    seeds = {
        name: {s for spec in specs(folder, "evaluate") if ("curriculum" in spec) is name for s in spec["seeds"]}
        for name in (True, False)
    }
    assert not seeds[True] & seeds[False]


def test_status_tells_how_far_up_everyone_is(climbed):
    folder, *_ = climbed
    out, _ = run(folder.parents[1], "status")
    assert "climb human seed 1, 8,192 of 8,192 steps" in out and "of the way" in out
    [row] = json.loads(run(folder.parents[1], "status", "--json")[0])
    assert {climber["stage"] for climber in row["climb"]} == {"rank", "climb"}
    out, _ = run(folder.parents[1], "report", "one")
    assert "robust fitness of candidate" in out


def test_killed_on_the_way_up_it_goes_on_to_the_same_end(climbed, tmp_path):
    folder, found, _ = climbed
    chance = random.Random(0)
    shutil.copytree(WORLD, tmp_path / "envs")
    for stage in ("rank", "climb", "climb"):
        process = start(tmp_path, "run", *CLIMB, *RANKED, "--name", "one")
        log = tmp_path / "runs/one/log.jsonl"
        while process.poll() is None and not (log.exists() and chunks(tmp_path / "runs/one", stage)):
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    again = json.loads(run(tmp_path, "run", *CLIMB, *RANKED, "--name", "one", "--json")[0])
    assert again["climb"]["goals"] == found["climb"]["goals"]
    assert facts(tmp_path / "runs/one") == facts(folder)
    assert_nothing_finished_was_run_again(tmp_path / "runs/one")


def test_a_rung_of_ones_own_is_searched_and_confirmed_without_a_climb(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")
    out, _ = run(tmp_path, "run", *CLIMB, "--rung", "alone", "--name", "r", "--json")
    found = json.loads(out)
    assert found["climb"] is None and found["params"]["rung"] == "alone"
    assert not [e for e in events(tmp_path / "runs/r") if e["event"] == "chunk"]


def test_without_a_curriculum_it_trains_at_the_goal_for_the_same_budget(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")
    shape = ("--set", "curriculum.seeds=1", "--set", "curriculum.budget=4096")
    out, _ = run(tmp_path, "run", *CLIMB, *shape, "--curriculum", "none", "--name", "r", "--json")
    climb = json.loads(out)["climb"]
    [way] = climb["ways"]
    assert climb["curriculum"] == "none"
    assert [chunk["steps"] for chunk in way["chunks"]] == [2048, 4096]
    assert {chunk["params"]["rung"] for chunk in way["chunks"]} == {"alone"}
    assert climb["goals"][0]["interval"] is None
    assert "one seed" in run(tmp_path, "report", "r")[0]


def test_films_mark_where_the_world_became_another(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")
    shape = ("--set", "video=true", "--set", "curriculum.seeds=1", "--set", "curriculum.budget=6144")
    out, err = run(tmp_path, "run", *CLIMB, *shape, "--name", "r", "--json")
    climb = json.loads(out)["climb"]
    if "no video" in err:
        pytest.skip("no GL library here")
    names = [Path(film["file"]).name for film in climb["films"]]
    assert names == [file.name for file in sorted((tmp_path / "runs/r/videos").iterdir())]
    assert names[0] == "climb-00-start.mp4" and all(name.startswith(f"climb-{k:02d}-") for k, name in enumerate(names))
    helps = [film["params"]["help"] for film in climb["films"] if film["params"].get("rung") != "alone"]
    assert all(later <= before / 2 for before, later in pairwise(helps))


def test_no_gl_costs_a_climb_nothing_but_a_sentence(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")
    shape = ("--set", "video=true", "--set", "curriculum.seeds=1", "--set", "curriculum.budget=4096")
    out, err = run(tmp_path, "run", *CLIMB, *shape, "--name", "r", MUJOCO_GL="disabled")
    assert "apt-get install libegl1" in out + err
    assert err.count("no video") == 2  # on the way and at the end
    assert not (tmp_path / "runs/r/videos").exists()
    assert "goal 'alone'" in out


def test_the_estimate_counts_the_climb(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")

    def estimate(*how: str) -> dict:
        return json.loads(run(tmp_path, "run", *CLIMB, *RANKED, *how, "--dry-run", "--json")[0])["estimate"]

    found = estimate()
    assert found["climb_steps"] == 2 * 1 * 2048 + 2 * 2 * 8192
    assert found["steps"] == found["most_steps"] == 2 * 4096 + found["climb_steps"]
    assert estimate("--rung", "alone")["climb_steps"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--task", "cartpole_balance", "--curriculum", "help"), "has no curriculum, so none of the name 'help'"),
        (("--task", "balance_alone", "--curriculum", "hope"), "It has: help, gravity, none."),
        (("--task", "balance_alone", "--curriculum", "help", "--rung", "alone"), "Leave out --rung, or --curriculum."),
        (("--task", "cartpole_balance", "--rung", "lite"), "no parameter 'rung'"),
    ],
)
def test_what_cannot_be_climbed_is_said_in_a_sentence(tmp_path, arguments, says):
    shutil.copytree(WORLD, tmp_path / "envs")
    _, err = run(tmp_path, "run", *arguments, "--preset", "smoke", code=2)
    assert says in err and len(err.strip().splitlines()) == 1
    assert not list(tmp_path.glob("runs/*/log.jsonl"))


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            "def climb(curriculum, params, score):\n    return {'hlep': 0.5}\n",
            "it must return params of the task, or None",
        ),
        ("def progress(curriculum, params):\n    return 7.0\n", "it must return a number in [0, 1]"),
        ("del progress\n", "docs/curricula.md"),
    ],
)
def test_a_broken_rule_of_a_task_file_is_said_with_its_cure(tmp_path, rule, says):
    shutil.copytree(WORLD, tmp_path / "envs")
    task = tmp_path / "envs/helped_cart/balance_alone.py"
    task.write_text(task.read_text() + "\n\n" + rule)
    process = start(tmp_path, "run", *CLIMB, "--name", "r")
    _, err = process.communicate(timeout=120)
    assert process.returncode not in (0, 130)
    assert says in err and "Traceback" not in err


@pytest.mark.slow
def test_stable_baselines3_climbs_too(tmp_path):
    pytest.importorskip("stable_baselines3")
    shutil.copytree(WORLD, tmp_path / "envs")
    how = ("--trainer", "sb3", "--samples", "1", "--set", "budget.steps=512", "--set", "trainer.rollout_steps=64")
    size = ("--set", "curriculum.seeds=1", "--set", "curriculum.budget=1536", "--set", "curriculum.chunk=512")
    out, _ = run(tmp_path, "run", *CLIMB, *how, *size, "--name", "r", "--json")
    [way] = json.loads(out)["climb"]["ways"]
    assert [chunk["steps"] for chunk in way["chunks"]] == [512, 1024, 1536]
    assert len({chunk["params"]["help"] for chunk in way["chunks"]}) > 1
    assert all(np.isfinite(chunk["fitness"]) for chunk in way["chunks"])


STAYING = """
from eureka_cli.trainers import native_ppo

VERSION, Config = 1, native_ppo.Config


def train(simulator, reward, config, *, seed, total_timesteps, until, start, on_progress):
    facts = {"seed": seed, "total_timesteps": total_timesteps, "until": until, "start": start}
    return native_ppo.train(simulator, reward, config, **facts, on_progress=on_progress)
"""


def test_a_trainer_that_stays_in_one_world_is_refused_before_anything_is_spent(tmp_path):
    shutil.copytree(WORLD, tmp_path / "envs")
    (tmp_path / "mine.py").write_text(STAYING)
    _, err = run(tmp_path, "run", *CLIMB, "--trainer", "mine.py", "--name", "r", code=2)
    assert "cannot take a policy into another world" in err


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_pen_climbs_off_its_first_assist(tmp_path):
    """On a hundredth of the budget: the pen turns with help, some of it is taken away, and the free pen is measured."""
    size = ("--rounds", "1", "--samples", "2", "--set", "search.train_seeds=1", "--set", "search.confirm=1")
    climb = ("--set", "curriculum.seeds=1", "--set", "curriculum.budget=262144", "--set", "curriculum.chunk=32768")
    out, _ = run(tmp_path, "run", "--task", "pen_spin", *size, *climb, "--name", "pen", "--json", timeout_s=1200)
    found = json.loads(out)["climb"]
    [way] = found["ways"]
    assert way["chunks"][-1]["height"] > 0 and max(chunk["fitness"] for chunk in way["chunks"]) > 1
    assert {row["goal"] for row in found["goals"]} == {"grip", "any"}
    assert {row["variant"] for row in found["goals"]} > {"friction 0.7", "elliptic cones"}
    assert all("waypoint_revolutions" in row["extras"] for row in found["goals"])
    assert found["robust"][0]["iqm"] <= next(row["iqm"] for row in found["goals"])
