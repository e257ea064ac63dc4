"""What a run leaves to take home: it runs where reward-synth is not, and the policy is as good there as was said."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from program import ROOT, SMOKE, events, run

from eureka_cli import policies
from eureka_cli.core import Spaces
from eureka_cli.policy_files import acting

CHEAP = ("--set", "critic.bank=false", "--rounds", "1", "--set", "search.confirm_seeds=2")
ONE_MORE = {"policy.zip": "stable_baselines3", "policy.onnx": "onnx"}


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    run(folder, "run", *SMOKE, *CHEAP, "--name", "one")
    out, _ = run(folder, "export", "one")
    return folder, folder / "one-export", out


def python(folder: Path, program: str, *, ours: bool) -> str:
    """Run a program where an export lies; without `ours` nothing of this package can be imported."""
    blocked = "" if ours else "import sys; sys.modules['eureka_cli'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{blocked}import sys; sys.path.insert(0, '.')\n{program}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT) if ours else ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_what_it_wrote_and_what_is_missing(exported):
    _, target, out = exported
    for name in ("reward.py", "env.py", "environment.py", "policy.npz", "card.json", "README.md", "train.py"):
        assert name in out and (target / name).is_file()
    for name, library in ONE_MORE.items():
        here = importlib.util.find_spec(library) is not None
        assert (target / name).is_file() == here
        assert here or f"left out: {name}" in out


def test_the_card_tells_where_it_comes_from_and_how_good_it_is(exported):
    folder, target, _ = exported
    card = json.loads((target / "card.json").read_text())
    best = next(e for e in events(folder / "runs/one") if e["event"] == "best")
    assert card["reward"] == best["candidate"] and card["policy"]["fitness"] == best["policy_fitness"]
    assert card["numbers"]["best"]["interval"][0] <= card["numbers"]["best"]["iqm"]
    assert "landlock" in card["isolation"] and card["versions"]["mujoco"] and card["licence"]
    assert str(folder) not in (target / "card.json").read_text()
    page = (target / "README.md").read_text()
    assert card["policy"]["again"] in page and card["sentence"] in page


@pytest.mark.parametrize("form", ["npz", "zip", "onnx"])
def test_the_policy_gives_the_fitness_that_the_run_reported_on_the_same_seeds(exported, form):
    folder, target, _ = exported
    if not (target / f"policy.{form}").is_file():
        pytest.skip(f"no policy.{form} without its extra")
    card = json.loads((target / "card.json").read_text())
    words = card["policy"]["again"].replace("policy.npz", str(target / f"policy.{form}")).split()
    score = json.loads(run(folder, *words[1:], "--json")[0])
    assert len(score["episodes"]) == 2
    exactly = {"npz": 0.0}.get(form, 1e-6)
    assert score["fitness"] == pytest.approx(card["policy"]["fitness"], rel=exactly, abs=exactly)


def test_the_reward_needs_numpy_alone_and_gives_what_its_locked_process_gives(exported, zygote):
    from eureka_cli.core import Rollout
    from eureka_cli.sandbox.client import RewardProcess

    _, target, _ = exported
    fields = json.loads(python(target, FIELDS, ours=False))
    rng = np.random.default_rng(0)
    sides = [{n: rng.normal(size=(7, 1, *shape)) for n, shape in fields.items()} for _ in range(2)]
    for side in sides:
        side["terminated"] = side["terminated"] > 0
    action = rng.uniform(-1, 1, (7, 1, 1))
    shapes = {name: tuple(shape) for name, shape in fields.items()}
    with RewardProcess(zygote, (target / "reward.py").read_text(), fields=shapes, action_shape=(1,), rows=7) as process:
        wanted = process.score(Rollout(sides[0], action, sides[1], np.zeros((7, 1), bool))).total[:, 0]
    flat = {f"{k}/{n}": values[:, 0] for k, side in enumerate(sides) for n, values in side.items()}
    np.savez(target / "seen.npz", action=action[:, 0], **flat)
    found = json.loads(python(target, SCORED, ours=False))
    assert np.array_equal(found, wanted)


FIELDS = """
import json, ast
fields = {}
import env
import re
text = open("env.py").read()
for name in env.State._fields:
    shape = re.search(rf"    {name}: .*?\\(B,?([^)]*)\\)", text)[1]
    fields[name] = [int(n) for n in shape.split(",") if n.strip()]
print(json.dumps(fields))
"""
SCORED = """
import json
import numpy as np
import env, reward
seen = np.load("seen.npz")
sides = [env.State(**{n: seen[f"{k}/{n}"] for n in env.State._fields}) for k in (0, 1)]
total, components = reward.compute_reward(sides[0], seen["action"], sides[1])
assert all(np.shape(value) in ((7,), ()) for value in components.values())
print(json.dumps(np.asarray(total, float).tolist()))
"""

PAID_ALIKE = """
import json
import numpy as np
import environment, vec_env
from policy import Policy
act = Policy()
one, many = environment.make(), vec_env.make_vec(3)
many.seed(5)
seen = many.reset()
first, _ = one.reset(seed=5)
assert np.allclose(first, seen[0])
paid = []
for _ in range(30):
    action = act(seen)
    observation, reward, terminated, truncated, info = one.step(action[0])
    seen, rewards, done, infos = many.step(action)
    assert abs(reward - rewards[0]) < 1e-4 * max(1, abs(reward)), (reward, rewards)
    assert info["components"].keys() == infos[0]["components"].keys()
    paid.append(reward)
    if terminated or truncated:
        assert done[0] and np.allclose(infos[0]["terminal_observation"], observation)
        break
    assert np.allclose(observation, seen[0], atol=1e-5)
print(json.dumps(paid))
"""


def test_one_environment_and_many_pay_the_same(exported):
    pytest.importorskip("stable_baselines3")
    assert len(json.loads(python(exported[1], PAID_ALIKE, ours=True))) > 2


@pytest.mark.slow
def test_the_training_script_runs_and_its_save_is_evaluated(exported):
    pytest.importorskip("stable_baselines3")
    folder, target, _ = exported
    program = "import runpy, sys; sys.argv = ['train.py', '2048']; runpy.run_path('train.py', run_name='__main__')"
    python(target, program, ours=True)
    out, _ = run(folder, "evaluate", str(target / "trained.zip"), "--task", "cartpole_balance", "--episodes", "2")
    assert re.search(r"fitness [\d.]+ over 2 episodes", out)


@pytest.mark.parametrize("gym_id", ["Pendulum-v1"])
def test_of_a_gymnasium_id_everything_runs_without_this_package(gym_id, tmp_path):
    pytest.importorskip("stable_baselines3")
    (tmp_path / "f.py").write_text("def fitness(trajectory):\n    return -float((trajectory.action**2).mean())\n")
    goal = ("--env", gym_id, "--goal", "swing it up", "--fitness", "f.py", "--preset", "smoke")
    run(tmp_path, "run", *goal, *CHEAP, "--name", "p")
    run(tmp_path, "export", "p", "--out", "home")
    assert len(json.loads(python(tmp_path / "home", PAID_ALIKE, ours=False))) == 30
    program = "import runpy, sys; sys.argv = ['train.py', '1024']; runpy.run_path('train.py', run_name='__main__')"
    python(tmp_path / "home", program, ours=False)
    card = json.loads((tmp_path / "home/card.json").read_text())
    score = json.loads(run(tmp_path / "home", *card["policy"]["again"].split()[1:], "--json")[0])
    assert score["fitness"] == card["policy"]["fitness"]
    out, _ = run(tmp_path / "home", *card["policy"]["again"].replace("policy.npz", "trained.zip").split()[1:])
    assert "fitness" in out


def test_what_cannot_be_exported_or_measured_is_said_in_a_sentence(exported, tmp_path):
    folder, target, _ = exported
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "thesis.tex").write_text("x")
    assert "holds other things" in run(folder, "export", "one", "--out", "mine", code=2)[1]
    assert "No run 'two'" in run(folder, "export", "two", code=2)[1]
    assert "no policy by its name" in run(folder, "evaluate", "p.pkl", "--task", "cartpole_balance", code=2)[1]
    _, err = run(folder, "evaluate", str(target / "policy.npz"), "--task", "hopper_hop", code=2)
    assert "sees 5 numbers" in err or "sees 4 numbers" in err
    assert "Name the task it was trained on" in err


def test_a_policy_acts_alike_in_every_form(exported):
    _, target, _ = exported
    policy = policies.load(target / "policy.npz")
    seen = np.random.default_rng(0).normal(size=(50, len(policy.mean))).astype(np.float32)
    spaces = Spaces(len(policy.mean), policy.weights[-1].shape[1])
    wanted = policies.act(policy, seen)
    for form in ("zip", "onnx"):
        if (target / f"policy.{form}").is_file():
            assert np.allclose(acting(target / f"policy.{form}", spaces)(seen), wanted, atol=1e-5)
