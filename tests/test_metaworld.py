"""Meta-World's tasks as files: State, success and human reward are what Meta-World itself says, and success is reachable."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from eureka_cli import plugins, reward_math, simulators, tasks, worlds
from eureka_cli.critics import lint

ROOT = Path(__file__).parent.parent
NAMES = sorted(name for name in tasks.names() if name.startswith("mw_"))
STEPS, SCRIPTED, COUNT = 149, 2, 3
"""Within one episode; environments that a scripted policy moves, and all: the rest move by chance."""
needs_metaworld = pytest.mark.skipif(
    worlds.lacking({"id": "Meta-World/MT1"}) != "",
    reason="metaworld is not installed: pip install 'reward-synth[worlds]'",
)


@pytest.fixture
def reward_of(monkeypatch):
    """A shipped reward's function, in this process."""
    monkeypatch.setitem(sys.modules, "reward_math", reward_math)

    def load(name: str, kind: str):
        return plugins.load_file(ROOT / "envs" / "metaworld" / "rewards" / f"{name}_{kind}.py").compute_reward

    return load


def made(name: str, num_envs: int):
    task = tasks.find(name)
    world = simulators.make(task.world, task.paths, num_envs=num_envs)
    return world, plugins.load_file(Path(task.paths["task"]))


def script(name: str):
    """The policy that Meta-World ships for a task."""
    from metaworld.policies import ENV_POLICY_MAP

    return ENV_POLICY_MAP[tasks.find(name).world["kwargs"]["env_name"]]()


def test_the_ten_tasks_of_text2reward_are_here():
    assert len(NAMES) == 10
    assert all(tasks.memberships(name) == ("text2reward",) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_shipped_rewards_pass_lint(name):
    fields = tasks.state_fields(ROOT / "envs" / "metaworld" / "env.py")
    for file in [*ROOT.glob(f"envs/metaworld/rewards/{name}_*.py"), *ROOT.glob(f"benchmarks/flawed/{name}/*.py")]:
        assert not [found for found in lint.lint(file.read_text(), fields=fields) if found.severity == "error"]


@needs_metaworld
@pytest.mark.filterwarnings("ignore:Constant")
@pytest.mark.parametrize("name", NAMES)
def test_success_and_human_reward_are_metaworlds_own_and_a_script_succeeds(name, reward_of):
    world, task = made(name, COUNT)
    policy, rng = script(name), np.random.default_rng(0)
    human, sparse = reward_of(name, "human"), reward_of(name, "sparse")
    _, seen = world.reset(np.arange(COUNT, dtype=np.uint64))
    solved = []
    for _ in range(STEPS):
        chance = rng.uniform(-1, 1, (COUNT - SCRIPTED, 4))
        step = world.step(np.concatenate([[policy.get_action(row) for row in seen[:SCRIPTED]], chance]))
        seen = step.observation
        own = [
            env.unwrapped.evaluate_state(raw, action)[0]
            for env, raw, action in zip(world._envs, world._raw, step.action.astype(np.float32), strict=True)
        ]
        assert human(step.state, step.action, step.next_state)[0] == pytest.approx(own, abs=1e-6)
        reported = world.last_info["success"].astype(bool)
        assert np.array_equal(task._reached(SimpleNamespace(next_state=step.next_state)), reported)
        assert np.array_equal(sparse(step.state, step.action, step.next_state)[0], reported)
        solved.append(reported)
    assert np.any(solved, axis=0)[:SCRIPTED].any()


@needs_metaworld
@pytest.mark.parametrize("name", NAMES)
def test_the_beginning_is_remembered_and_true(name):
    world, _ = made(name, 2)
    state, _ = world.reset(np.array([1, 3], np.uint64))
    assert state.initial_object_position == pytest.approx(state.object_position, abs=1e-6)
    assert state.initial_gripper_position == pytest.approx(state.gripper_position, abs=1e-3)
    first = world.step(np.zeros((2, 4))).next_state
    assert first.object_position == pytest.approx(state.object_position, abs=0.02)  # a window's first look is elsewhere
    assert np.array_equal(first.initial_object_position, state.initial_object_position)


@needs_metaworld
def test_orientation_is_wxyz_whatever_metaworld_says():
    """SciPy's order, in which Meta-World tells this one, would put the identity's one at the end."""
    world, _ = made("mw_sweep_into", 1)
    assert world.reset(np.zeros(1, np.uint64))[0].object_orientation == pytest.approx(
        np.array([[1.0, 0, 0, 0]]), abs=1e-6
    )


@needs_metaworld
def test_fitness_counts_any_moment_and_the_end_is_measured_besides():
    _, task = made("mw_handle_press", 1)
    goal = np.zeros((5, 3))
    handle = np.full((5, 3), 0.1)
    handle[2] = 0
    sprung_back = SimpleNamespace(next_state=SimpleNamespace(object_position=handle, goal_position=goal))
    assert task.fitness(sprung_back) == 1
    assert task.measures(sprung_back) == {"success_at_the_end": 0}


@needs_metaworld
@pytest.mark.slow
def test_a_model_is_not_told_metaworlds_reward(cli):
    from metaworld.envs.sawyer_drawer_close_v3 import SawyerDrawerCloseEnvV3 as Own

    told = cli("run", "--task", "mw_drawer_close", "--dry-run", "--json").stdout
    text = " ".join(" ".join(message["content"] for message in json.loads(told)["messages"]).split())
    assert "gripper_position" in text
    for method in (Own.compute_reward, Own.evaluate_state):
        lines = [line.strip() for line in inspect.getsource(method).splitlines()[6:]]
        assert not [line for line in lines if len(line) > 25 and line in text]
    assert "0.065" not in text


def test_without_metaworld_tasks_are_listed_and_a_run_says_what_to_install(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'metaworld':\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}

    def run(*arguments: str):
        program = [sys.executable, "-m", "eureka_cli.cli.main", *arguments]
        return subprocess.run(program, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment)

    listed = run("tasks", "--suite", "text2reward")
    assert listed.returncode == 0
    assert set(NAMES) <= {line.split()[0] for line in listed.stdout.splitlines()}
    assert "need metaworld: pip install 'reward-synth[worlds]'" in listed.stdout
    refused = run("run", "--task", "mw_drawer_close", "--dry-run")
    assert refused.returncode != 0
    assert "pip install 'reward-synth[worlds]'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
