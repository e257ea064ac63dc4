"""Every shipped task keeps the promises the rest of the program builds on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from eureka_cli import describe, evaluator, plugins, simulators, tasks, worlds
from eureka_cli.errors import UsageError

NAMES = sorted(tasks.names())


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")

    def make(name: str, num_envs: int):
        task = tasks.find(name)
        if lacking := worlds.lacking(task.world):
            pytest.skip(f"{lacking} is not installed")
        world = simulators.make(task.world, {**task.paths, "cache": str(cache)}, num_envs=num_envs)
        return world, plugins.load_file(Path(task.paths["task"]))

    return make


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_read_without_running_the_file_and_agree_with_it(name):
    task = tasks.find(name)
    module = plugins.load_file(Path(task.paths["task"]))
    assert (task.horizon, task.budget) == (module.HORIZON, module.BUDGET)
    assert task.sentence == module.DESCRIPTION.format(direction="counter-clockwise")
    assert task.params == module.PARAMS
    assert tasks.baseline(task, "human")
    assert tasks.baseline(task, "sparse")


@pytest.mark.parametrize("name", NAMES)
def test_fitness_of_doing_nothing_and_of_chance_is_far_from_success(name, build):
    world, task = build(name, 10)
    for act in (lambda o: np.zeros((10, *world.action_shape)), evaluator.acting_at_random(world, 0)):
        score = evaluator.judge(evaluator.rollouts(world, act, np.arange(10, dtype=np.uint64)), task)
        assert len(score.episodes) == 10
        assert score.success <= 0.2
        assert score.behaviour


@pytest.mark.parametrize("name", NAMES)
def test_every_state_field_has_shape_unit_and_meaning(name, build):
    world, _ = build(name, 2)
    source = Path(tasks.find(name).paths["env"]).read_text()
    comments = describe.field_comments(source)
    assert set(comments) == set(world.fields)
    assert {"time", "terminated"} <= set(world.fields)
    for field, shape in world.fields.items():
        written = ", ".join(["B", *map(str, shape)]) + ("," if not shape else "")
        assert comments[field].startswith(f"({written})"), (field, comments[field])


@pytest.mark.parametrize("name", NAMES)
def test_what_a_model_may_see_holds_neither_fitness_nor_model_building(name):
    source = Path(tasks.find(name).paths["env"]).read_text()
    shown = describe.visible(source)
    assert "class State" in shown
    assert "def terminated" in shown or "GYMNASIUM" in shown
    assert not re.search(r"def (model|reset|paint|_meadow)\(", shown)
    assert "fitness" not in shown
    assert "success" not in shown


def test_turning_counts_net_and_only_while_held(build):
    """pen_spin's fitness on made trajectories: a see-saw, a steady spin, a standing pen, the wrong way."""
    _, task = build("pen_spin", 1)
    from types import SimpleNamespace

    def trajectory(azimuth, z=0.0, dropped=False, direction=1):
        angle = (np.asarray(azimuth) + np.pi) % (2 * np.pi) - np.pi
        steps = len(angle) - 1
        ended = np.zeros(steps, bool)
        ended[-1] = dropped
        axis = np.stack([np.zeros(steps), np.zeros(steps), np.full(steps, z)], 1)
        return SimpleNamespace(
            state=SimpleNamespace(pen_azimuth=angle[:-1]),
            next_state=SimpleNamespace(pen_azimuth=angle[1:], terminated=ended, pen_axis=axis),
            terminated=dropped,
            params={"direction": direction},
        )

    spin = np.linspace(0.3, 0.3 + 6 * np.pi, 251)
    assert task.fitness(trajectory(spin)) == pytest.approx(3)
    assert task.fitness(trajectory(-spin)) == pytest.approx(-3)
    assert task.fitness(trajectory(-spin, direction=-1)) == pytest.approx(3)
    assert task.fitness(trajectory(np.sin(np.linspace(0, 40 * np.pi, 251)))) == pytest.approx(0, abs=1e-9)
    assert task.fitness(trajectory(spin, z=0.9)) == 0
    assert task.success(trajectory(spin))
    assert not task.success(trajectory(spin, dropped=True))
    wobble = np.sin(np.linspace(0, 40 * np.pi, 1001))
    assert task.measures(trajectory(spin)) == pytest.approx({"waypoint_revolutions": 3, "absolute_turns": 3}, abs=0.1)
    assert task.measures(trajectory(-spin))["waypoint_revolutions"] == 3 / 12  # passes what lies ahead once a turn
    assert task.measures(trajectory(-spin, direction=-1))["waypoint_revolutions"] == pytest.approx(3, abs=0.1)
    assert task.measures(trajectory(wobble)) == pytest.approx(
        {"waypoint_revolutions": 2 / 12, "absolute_turns": 40 / np.pi}, abs=0.1
    )


def test_the_pen_climbs_as_it_turns_and_is_held(build):
    _, task = build("pen_spin", 1)
    from types import SimpleNamespace

    good, dropped = SimpleNamespace(fitness=1.5, drops=0.05), SimpleNamespace(fitness=1.5, drops=0.7)
    for name, curriculum in task.CURRICULA.items():
        params = task.PARAMS | curriculum["start"]
        assert task.climb(name, params, dropped) == params
        heights = [task.progress(name, params)]
        while (following := task.climb(name, params, good)) is not None:
            params = following
            heights.append(task.progress(name, params))
        assert heights == sorted(set(heights))
        assert (heights[0], heights[-1], params["rung"]) == (0, 1, "free")
    assert task.climb("assist", task.PARAMS | {"rung": "assist"}, SimpleNamespace(fitness=0.5, drops=0)) == (
        task.PARAMS | {"rung": "assist"}
    )


def test_goals_variants_and_curricula_name_parameters_the_task_has(build):
    _, task = build("pen_spin", 1)
    named = [*task.GOALS.values(), *task.VARIANTS.values(), *(found["start"] for found in task.CURRICULA.values())]
    for params in named:
        tasks.find("pen_spin", params)
    assert all(tasks.find("pen_spin", goal).params["rung"] == "free" for goal in task.GOALS.values())


def test_a_direction_has_its_own_sentence_and_rewards(build):
    forth, back = tasks.find("pen_spin"), tasks.find("pen_spin", {"direction": -1})
    assert "counter-clockwise" in forth.sentence
    assert "counter" not in back.sentence
    assert "clockwise" in back.sentence
    for kind in ("human", "sparse"):
        scores = []
        for task in (forth, back):
            scope: dict = {}
            exec(tasks.baseline(task, kind), scope)  # ours, shipped
            scores.append(scope)
        assert scores[0]["compute_reward"].__code__ != scores[1]["compute_reward"].__code__


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"rung": "fre"}, "rung of task 'pen_spin' is one of lite, assist, free; not 'fre'"),
        ({"direction": 2}, "one of 1, -1"),
        ({"friction": "low"}, "is a number"),
        ({"assist": 3.0}, "assist of task 'pen_spin' lies between 0 and 1; not 3.0"),
        ({"cone": 1}, "one of pyramidal, elliptic"),
    ],
)
def test_a_parameter_takes_only_what_it_can_be(params, said):
    with pytest.raises(UsageError, match=said):
        tasks.find("pen_spin", params)


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'pen_spin'"):
        tasks.find("pen_spn")
    with pytest.raises(UsageError, match="has no parameter 'ladder'"):
        tasks.find("pen_spin", {"ladder": "free"})


def test_editing_a_fitness_changes_no_training_and_editing_the_world_does(tmp_path, monkeypatch):
    import shutil

    shutil.copytree(Path(tasks.find("cartpole_balance").paths["env"]).parent, tmp_path / "envs" / "mine")
    file = tmp_path / "envs" / "mine" / "cartpole_balance.py"
    file.rename(file.with_name("my_balance.py"))
    file = file.with_name("my_balance.py")
    monkeypatch.chdir(tmp_path)
    before = tasks.find("my_balance")
    file.write_text(file.read_text().replace("0.2", "0.1"))
    after = tasks.find("my_balance")
    assert after.world == before.world
    assert after.judge != before.judge
    model = tmp_path / "envs" / "mine" / "model.xml"
    model.write_text(model.read_text() + "<!-- heavier -->")
    assert tasks.find("my_balance").world != after.world


CLIMBING = Path(__file__).parent / "climbs" / "envs"


@pytest.mark.parametrize(
    ("written", "instead", "says"),
    [
        ('"chunk": 2_048', '"chunk": 0', "chunk: input should be greater than or equal to 1"),
        ('"rank": 4_096, ', "", "rank: field required"),
        ('"light": {"rung"', '"light": {"rang"', "sets the parameter 'rang', which its PARAMS lacks"),
        ('GOALS = {"alone"', 'GAOLS = {"alone"', "CURRICULA but no GOALS"),
    ],
)
def test_a_curriculum_that_cannot_be_is_said(written, instead, says, tmp_path, monkeypatch):
    shutil.copytree(CLIMBING, tmp_path / "envs")
    file = tmp_path / "envs/helped_cart/balance_alone.py"
    assert written in file.read_text()
    file.write_text(file.read_text().replace(written, instead))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=re.escape(says)):
        tasks.find("balance_alone")


def test_a_world_of_other_params_is_another_world_yet_to_be_measured(tmp_path, monkeypatch):
    shutil.copytree(CLIMBING, tmp_path / "envs")
    monkeypatch.chdir(tmp_path)
    task = tasks.find("balance_alone", {"gravity": 2.0})
    measured = task.model_copy(update={"world": {**task.world, "measured": "x"}})
    other = tasks.under(measured, task.goals["alone"])
    assert other.params == other.world["params"] == {"rung": "alone", "help": 1.0, "gravity": 2.0}
    assert "measured" not in other.world and measured.world["params"]["rung"] == "helped"


def test_the_source_of_an_import_is_part_of_the_world(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_world.py").write_text("X = 1\n")
    ask = lambda **more: tasks.from_gymnasium("my/Thing-v0", "x", fitness=None, budget=None, **more)
    before, as_file = ask(imports=["my_world"]), ask(imports=["my_world.py"])
    (tmp_path / "my_world.py").write_text("X = 2\n")
    assert ask(imports=["my_world"]).world != before.world
    assert ask(imports=["my_world.py"]).world != as_file.world
    assert tasks.from_gymnasium("my_world:Thing-v0", "x", fitness=None, budget=None).world["imports"]
    with pytest.raises(UsageError, match="No package 'my_wrld' for --import"):
        ask(imports=["my_wrld"])
    with pytest.raises(UsageError, match=r"No file other\.py for --import"):
        ask(imports=["other.py"])


def test_one_env_file_serves_tasks_that_choose_the_id_and_its_arguments(tmp_path, monkeypatch):
    folder = tmp_path / "envs" / "suite"
    folder.mkdir(parents=True)
    (folder / "env.py").write_text('GYMNASIUM = "Meta-World/MT1"\nKWARGS = {"seed": 1, "env_name": "reach-v3"}\n')
    facts = 'DESCRIPTION = "x"\nHORIZON = 9\nBUDGET = 9\n'
    (folder / "open_it.py").write_text(f'{facts}KWARGS = {{"env_name": "drawer-open-v3"}}\n')
    (folder / "other.py").write_text(f'{facts}GYMNASIUM = "Other-v0"\n')
    monkeypatch.chdir(tmp_path)
    assert tasks.find("open_it").world["kwargs"] == {"seed": 1, "env_name": "drawer-open-v3"}
    assert tasks.find("other").world["id"] == "Other-v0"


def test_tasks_of_one_environment_may_share_a_reward():
    codes = {tasks.baseline(tasks.find(name), "human") for name in ("dk5", "dk6", "dk8")}
    assert len(codes) == 1 and None not in codes
    assert tasks.baseline(tasks.find("hopper_hop"), "human") != tasks.baseline(tasks.find("hopper_jump"), "human")


def test_a_task_file_may_stand_alone_beside_a_shipped_environment(tmp_path, monkeypatch):
    folder = tmp_path / "envs" / "hopper"
    (folder / "rewards").mkdir(parents=True)
    (folder / "high_hop.py").write_text('DESCRIPTION = "x"\nHORIZON = 9\nBUDGET = 9\n')
    stub = "def compute_reward(state, action, next_state):\n    raise NotImplementedError\n"
    (folder / "rewards" / "high_hop_human.py").write_text(stub)
    monkeypatch.chdir(tmp_path)
    task = tasks.find("high_hop")
    assert task.world["env"] == tasks.find("hopper_hop").world["env"]
    assert tasks.baseline(task, "human") is None
    (folder / "rewards" / "high_hop_human.py").write_text(stub.replace("raise NotImplementedError", "return 0"))
    assert tasks.baseline(task, "human") is not None
