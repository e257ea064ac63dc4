from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eureka_cli import conforming, tasks, worlds
from eureka_cli.context import Context

ROOT = Path(__file__).parent.parent
QUICK = ("cartpole_balance", "hopper_hop", "reacher_reach")


def checks(task, folder: Path) -> dict[str, tuple[str, str]]:
    """Name to verdict and what was said, in this process."""
    if lacking := worlds.lacking(task.world):
        pytest.skip(f"{lacking} is not installed")
    spec = {"world": task.world, "judge": task.judge, "seed": 7}
    paths = {"cache": str(folder), **task.paths}
    context = Context(folder=folder, spec=spec, paths=paths, zygote=None, events=2)
    return {check["name"]: (check["verdict"], check["said"]) for check in conforming.conform(context)["checks"]}


def failed(found: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: said for name, (verdict, said) in found.items() if verdict == "failed"}


@pytest.mark.parametrize("name", QUICK)
def test_shipped_tasks_keep_their_promises(name, tmp_path):
    assert failed(checks(tasks.find(name), tmp_path)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(tasks.names()) - set(QUICK)))
def test_every_shipped_task_keeps_its_promises(name, tmp_path):
    assert failed(checks(tasks.find(name), tmp_path)) == {}


ENV = """
from typing import Any, NamedTuple

import numpy as np

GYMNASIUM = "Pendulum-v1"


class State(NamedTuple):
    time: Any  # (B,) s, since the episode began
    terminated: Any  # (B,) bool, never
    angle: Any  # (B,) rad, from upright


def read(env, observation):
    return {"angle": np.arctan2(observation[1], observation[0])}
"""
TASK = """
DESCRIPTION = "hold it up"
HORIZON = 60
BUDGET = 1000


def fitness(trajectory) -> float:
    return float(np.cos(trajectory.next_state.angle).mean())
""".replace("DESCRIPTION", "import numpy as np\n\nDESCRIPTION", 1)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Puts an env.py and a task, changed as asked, where they are found."""
    monkeypatch.chdir(tmp_path)

    def write(*, env: tuple[str, str] = ("", ""), task: tuple[str, str] = ("", "")):
        folder = tmp_path / "envs" / "mine"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        assert env[0] in ENV and task[0] in TASK
        (folder / "env.py").write_text(ENV.replace(*env) if env[0] else ENV)
        (folder / "held_up.py").write_text(TASK.replace(*task) if task[0] else TASK)
        return tasks.find("held_up")

    return write


def test_an_env_file_over_a_gymnasium_id_passes(written, tmp_path):
    found = checks(written(), tmp_path)
    assert failed(found) == {}
    assert found["time limit"][1] == "60 steps of 0.05 s"


@pytest.mark.parametrize(
    ("env", "check", "says"),
    [
        (("# (B,) rad, from upright", "# from upright"), "documented", "write its shape, unit and meaning"),
        (("# (B,) rad, from upright", "# (B, 3) rad, from upright"), "documented", "its shape is (B, *())"),
        (("np.arctan2(", "float('nan') * np.arctan2("), "finite", "State.angle is not finite"),
        (("np.arctan2", "np.random.rand() + np.arctan2"), "seeds", "State.angle differs between two runs of one seed"),
        (('"angle":', '"angel":'), "world", "gives no 'angle', which State declares"),
        (("observation[1]", "observation.sin"), "world", "AttributeError"),
        (('"Pendulum-v1"', '"Pendulam-v1"'), "world", "Did you mean 'Pendulum-v1'"),
        (("class State(", "class Stat("), "world", "has no class State"),
    ],
)
def test_a_broken_env_file_is_told_with_its_cure(env, check, says, written, tmp_path):
    assert says in failed(checks(written(env=env), tmp_path))[check]


@pytest.mark.parametrize(
    ("task", "check", "says"),
    [
        (("np.cos(", "np.random.rand() * np.cos("), "fitness", "differs between two calls"),
        (
            ("    return float(", "    trajectory.next_state.angle[:] = 0\n    return float("),
            "fitness",
            "copy an array",
        ),
        (("    return float(", "    compute_reward = 1\n    return float("), "fitness", "must not know any reward"),
        (("    return float(", "    return float('nan') * float("), "fitness", "finite"),
        (
            ("    return float(", "    return -float(abs(trajectory.action).sum()) + 0 * float("),
            "doing nothing",
            "more than",
        ),
        (("np.cos(", "np.kos("), "fitness", "held_up.py:10"),
        (
            ("\n\ndef fitness", "\n\ndef success(trajectory) -> bool:\n    return True\n\n\ndef fitness"),
            "doing nothing",
            "ask for more in success",
        ),
    ],
)
def test_a_broken_fitness_is_told_with_its_cure(task, check, says, written, tmp_path):
    assert says in failed(checks(written(task=task), tmp_path))[check]


def test_what_chance_only_makes_worse_is_noted_where_doing_nothing_is_no_success(written, tmp_path):
    before = "def fitness(trajectory) -> float:\n    return "
    after = (
        f"def success(trajectory) -> bool:\n    return False\n\n\n{before}-float(abs(trajectory.action).sum()) + 0 * "
    )
    verdict, said = checks(written(task=(before, after)), tmp_path)["doing nothing"]
    assert verdict == "noted" and "never succeeds" in said


def test_a_world_that_ignores_its_seed_or_ends_by_the_clock_is_told(tmp_path, monkeypatch):
    (tmp_path / "loose.py").write_text(
        "import gymnasium as gym, numpy as np\n"
        "class Loose(gym.Env):\n"
        "    observation_space = gym.spaces.Box(-9, 9, (1,))\n"
        "    action_space = gym.spaces.Box(-1, 1, (1,))\n"
        "    def reset(self, *, seed=None, options=None):\n"
        "        self.x = np.random.default_rng().normal(size=1)\n"
        "        return self.x, {}\n"
        "    def step(self, action):\n"
        "        self.x = self.x + action\n"
        "        return self.x, 0.0, False, False, {'success': False}\n"
        "gym.register('Loose-v0', entry_point=Loose, max_episode_steps=30)\n"
    )
    monkeypatch.chdir(tmp_path)
    task = tasks.from_gymnasium("Loose-v0", "x", fitness=None, budget=None, imports=["loose"])
    found = failed(checks(task, tmp_path))
    assert "draw all chance" in found["seeds"]
    assert "not deterministic" in found["pause"]


def test_check_task_prints_a_line_a_check_and_fails_with_the_task(cli, tmp_path):
    done = cli("check-task", "cartpole_balance")
    assert done.stdout.splitlines()[-1] == "cartpole_balance: all checks passed."
    done = cli("check-task", "--env", "CartPole-v1", "--json", check=False)
    assert done.returncode == 1
    assert '"verdict": "failed"' in done.stdout
