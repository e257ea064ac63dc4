"""The files that go along with an export call a reward as its locked process does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import eureka_cli
from eureka_cli.core import Rollout
from eureka_cli.sandbox.client import RewardProcess

PACKAGE = Path(eureka_cli.__file__).parent
STEPS, COUNT = 12, 3
PLAIN = """
import numpy as np
from reward_math import tolerance

def compute_reward(state, action, next_state):
    near = tolerance(next_state.x, (0.0, 0.1), 1.0)
    return near - 0.1 * np.sum(action**2, axis=1), {"near": near, "constant": 0.5}
"""
SIGNS = """
import numpy as np

COMBINE = "signs"

def compute_reward(state, action, next_state):
    return {"sparse": np.where(next_state.terminated, -1.0, 0.0), "dense": next_state.x - state.x}
"""
GATED = """
COMBINE = {"rule": "gated", "threshold": 0.3}

def compute_reward(state, action, next_state):
    return {"first": next_state.x, "second": next_state.x**2}
"""
REMEMBERING = """
import numpy as np

def initial_memory(num_envs):
    return np.zeros((num_envs, 1))

def compute_reward(state, action, next_state, memory):
    best = np.maximum(memory[:, 0], next_state.x)
    gain = best - memory[:, 0]
    return gain, {"gain": gain}, best[:, None]
"""
BOTH = """
import numpy as np

COMBINE = "sum"

def initial_memory(num_envs):
    return np.zeros(num_envs)

def compute_reward(state, action, next_state, memory):
    best = np.maximum(memory[:, 0], next_state.x)
    return {"gain": best - memory[:, 0], "cost": -np.abs(action[:, 0])}, best
"""
PROGRAM = """
import collections, json
import numpy as np
from scoring import Scorer
State = collections.namedtuple("State", ["time", "terminated", "x"])
seen = np.load("seen.npz")
score = Scorer(seen["action"].shape[1])
paid = []
for t in range(len(seen["action"])):
    before, after = (State(*(seen[f"{side}/{name}"][t] for name in State._fields)) for side in ("state", "next_state"))
    total, components = score(before, seen["action"][t], after, seen["ended"][t])
    paid.append(total.tolist())
    assert all(value.shape == total.shape for value in components.values())
print(json.dumps(paid))
"""


@pytest.mark.parametrize("code", [PLAIN, SIGNS, GATED, REMEMBERING, BOTH])
def test_rewards_of_every_form_pay_at_home_what_they_paid_in_their_process(code, zygote, tmp_path, rng):
    ended = rng.random((STEPS, COUNT)) < 0.2
    starts = np.concatenate([np.ones((1, COUNT), bool), ended[:-1]])
    sides = [
        {"time": rng.random((STEPS, COUNT)), "terminated": ended & (k == 1), "x": rng.normal(size=(STEPS, COUNT))}
        for k in (0, 1)
    ]
    action = rng.uniform(-1, 1, (STEPS, COUNT, 2))
    fields: dict[str, tuple[int, ...]] = {"time": (), "terminated": (), "x": ()}
    with RewardProcess(zygote, code, fields=fields, action_shape=(2,), rows=STEPS * COUNT) as process:
        wanted = process.score(Rollout(sides[0], action, sides[1], starts)).total
    for name in ("scoring.py", "../totals.py", "../reward_math.py"):
        shutil.copy(PACKAGE / "kit" / name, tmp_path)
    (tmp_path / "reward.py").write_text(code)
    named = {
        f"{side}/{n}": values
        for side, held in zip(("state", "next_state"), sides, strict=True)
        for n, values in held.items()
    }
    np.savez(tmp_path / "seen.npz", action=action, ended=ended, **named)
    blocked = "import sys; sys.path.insert(0, '.'); sys.modules['eureka_cli'] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", blocked + PROGRAM],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert np.allclose(json.loads(done.stdout), wanted, rtol=1e-12)
