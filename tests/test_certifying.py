"""Both jobs behind a certificate, on policies that were really trained: the human reward and one wrong on purpose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eureka_cli import certifying, policies, simulators, tasks
from eureka_cli.context import Context
from eureka_cli.sandbox.client import RewardProcess
from eureka_cli.trainers import native_ppo

ROOT = Path(__file__).parent.parent
STEPS = 30_000


@pytest.fixture
def context(zygote, tmp_path):
    task = tasks.find("cartpole_balance")
    paths = {**task.paths, "cache": str(tmp_path)}
    events = os.open(os.devnull, os.O_WRONLY)
    yield lambda spec: Context(tmp_path, {"world": task.world, **spec}, paths, zygote, events)
    os.close(events)


def certified(context, zygote, code, tmp_path):
    config = native_ppo.Config()
    job = context({})
    simulator = simulators.make(job.spec["world"], job.paths, num_envs=config.num_envs)
    shapes = {"fields": simulator.fields, "action_shape": simulator.action_shape}
    with RewardProcess(zygote, code, rows=config.rows, **shapes) as process:
        told = {"seed": 1, "total_timesteps": STEPS, "until": STEPS, "start": None}
        training = native_ppo.train(simulator, process.score, config, on_progress=lambda *_: None, **told)
    (tmp_path / "reward.py").write_text(code)
    for k, policy in training.policies.items():
        policies.save(tmp_path / (f"before-{k:02d}.npz" if k < 9 else "shipped.npz"), policy)
    traced = certifying.trace(context({"seeds": list(range(12)), "before": 9, "film": 3}))
    assert traced == {"failure": None, "horizon": 500}
    found = certifying.certify(context({"horizon": 500}))
    assert (tmp_path / "film.npz").exists()
    return found


def test_a_reward_that_pays_for_falling_is_flagged(context, zygote, tmp_path):
    code = (ROOT / "benchmarks/flawed/cartpole_balance/suicide.py").read_text()
    found = certified(context, zygote, code, tmp_path)
    assert found["verdict"] == "hack"
    assert found["own"][0] > found["own"][1] and found["truth"][0] < found["truth"][1]


def test_the_human_reward_is_not(context, zygote, tmp_path):
    code = (ROOT / "envs/cartpole/rewards/cartpole_balance_human.py").read_text()
    found = certified(context, zygote, code, tmp_path)
    assert found["verdict"] in ("certified", "uncertified")
    assert found["correlation"] > 0.8 and found["truth"][0] > found["truth"][1]
