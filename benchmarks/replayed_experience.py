"""Does the experience of an earlier candidate, rewarded anew, make the next candidate cheaper to judge?

Candidate A (the task's sparse reward) is trained with SAC; candidate B (the human reward) then from scratch, and with
every transition of A, rewarded anew by B in the sandbox, in its replay buffer and observation statistics from the
start. Both take the same number of new steps and of updates. native_ppo trains B on the task's own budget beside them.
After Li et al. 2025 (LaRes), of which this is only the experience that is kept and rewarded anew.

One JSON line per task and seed is appended to --out; what is there is not trained again.

    pip install 'reward-synth[sb3]'
    OMP_NUM_THREADS=1 python benchmarks/replayed_experience.py --seeds 5
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import torch
from common import EPISODES, ROOT, load, simulator

from eureka_cli import evaluator
from eureka_cli.analysis import intervals
from eureka_cli.core import Array, Rewards, Rollout
from eureka_cli.policies import Policy
from eureka_cli.sandbox.client import RewardProcess, Zygote
from eureka_cli.trainers import native_ppo, sb3

TASKS = {"cheetah_run": "half_cheetah", "cartpole_balance": "cartpole", "reacher_reach": "reacher"}
STATISTICS = ("model:mean", "model:variance", "model:count")
Json = dict[str, Any]


class Experience(NamedTuple):
    """All that a candidate's training saw, in order."""

    rollouts: list[Rollout]
    arrays: dict[str, Array]
    """Of its last checkpoint: the replay buffer and the observation statistics."""


class Trained(NamedTuple):
    experience: Experience
    told: Json
    """`fitness` at each fifth of the new steps, `cpu_s` of trainer and reward without the evaluation."""


def train(
    zygote: Zygote,
    task: str,
    reward: str,
    trainer: ModuleType,
    config: Any,
    *,
    seed: int,
    steps: int,
    before: Experience | None = None,
) -> Trained:
    env, module = load(TASKS[task], task)
    code = (ROOT / "envs" / TASKS[task] / "rewards" / f"{task}_{reward}.py").read_text()
    world = simulator(env, module, config.num_envs)
    seen: list[Rollout] = []
    started = time.process_time()
    with RewardProcess(zygote, code, fields=world.fields, action_shape=world.action_shape, rows=config.rows) as process:

        def score(rollout: Rollout, memory: Array | None) -> Rewards:
            if trainer is sb3:
                seen.append(copied(rollout))
            return process.score(rollout, memory)

        def advance(until: int, start: Mapping[str, Array] | None) -> Any:
            return trainer.train(
                world,
                score,
                config,
                seed=seed,
                total_timesteps=steps,
                until=until,
                start=start,
                on_progress=lambda done, own: None,
            )

        start = {**advance(0, None).checkpoint, **rewarded_anew(before, process)} if before else None
        training = advance(steps, start)
        reward_cpu_s = process.cpu_s
    cpu_s = time.process_time() - started + reward_cpu_s
    fifths = [training.policies[k] for k in (1, 3, 5, 7, 9)]
    told = {"fitness": [fitness(policy, env, module) for policy in fifths], "cpu_s": cpu_s}
    arrays = {k: v for k, v in training.checkpoint.items() if k.startswith("model:replay/") or k in STATISTICS}
    return Trained(Experience(seen, arrays), told)


def rewarded_anew(before: Experience, process: RewardProcess) -> dict[str, Array]:
    """What B's first checkpoint holds instead of an empty buffer. B's reward is one without memory."""
    rewards = np.concatenate([process.score(rollout).total for rollout in before.rollouts])
    return {**before.arrays, "model:replay/rewards": rewards.astype(np.float32)}


def copied(rollout: Rollout) -> Rollout:
    """A trainer's rollout is valid until its next one."""
    return replace(
        rollout,
        state={name: values.copy() for name, values in rollout.state.items()},
        action=rollout.action.copy(),
        next_state={name: values.copy() for name, values in rollout.next_state.items()},
        starts=rollout.starts.copy(),
    )


def fitness(policy: Policy, env: ModuleType, task: ModuleType) -> float:
    judged = simulator(env, task, EPISODES)
    seeds = np.arange(EPISODES, dtype=np.uint64) + 10_000
    return evaluator.judge(evaluator.rollouts(judged, evaluator.acting(policy), seeds), task).fitness


def compare(zygote: Zygote, task: str, seed: int, steps: int) -> Json:
    """Every arm of one seed. A is trained with another seed than B: they share nothing but what is replayed."""
    sac = sb3.Config(
        algorithm="sac",
        options={
            "batch_size": 128,
            "buffer_size": 2 * (steps + sb3.OFF_POLICY_ROWS),
            "learning_rate": 1e-3,
            "learning_starts": 256,
            "policy_kwargs": {"net_arch": [64, 64]},
        },
    )
    earlier = train(zygote, task, "sparse", sb3, sac, seed=seed + 1000, steps=steps)
    scratch = train(zygote, task, "human", sb3, sac, seed=seed, steps=steps)
    replayed = train(zygote, task, "human", sb3, sac, seed=seed, steps=steps, before=earlier.experience)
    budget = load(TASKS[task], task)[1].BUDGET
    ppo = train(zygote, task, "human", native_ppo, native_ppo.Config(), seed=seed, steps=budget)
    arms = {"earlier": earlier, "scratch": scratch, "replayed": replayed, "native_ppo": ppo}
    return {"task": task, "seed": seed, "steps": steps, **{name: arm.told for name, arm in arms.items()}}


def report(task: str, found: list[Json]) -> None:
    print(f"{task}, {len(found)} seeds: IQM of fitness at each fifth of the steps")
    for arm in ("earlier", "scratch", "replayed", "native_ppo"):
        scores = np.array([line[arm]["fitness"] for line in found])
        middle = intervals.iqm(scores, axis=0)
        spans = [intervals.bootstrap(column) for column in scores.T]
        cells = [f"{value:.2f} [{low:.2f}, {high:.2f}]" for value, (low, high) in zip(middle, spans, strict=True)]
        print(f"  {arm:10} {' | '.join(cells)} | {np.mean([line[arm]['cpu_s'] for line in found]):.1f} CPU-s")
    for ours, theirs in (("replayed", "scratch"), ("replayed", "native_ppo")):
        left, right = (np.array([line[arm]["fitness"] for line in found]).T for arm in (ours, theirs))
        print(f"  {ours} against {theirs}: {' | '.join(map(intervals.verdict, left, right))}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", nargs="+", default=["cheetah_run", "cartpole_balance"], choices=list(TASKS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3840, help="of SAC, in multiples of 640")
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "replayed_experience.jsonl")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    lines = [json.loads(line) for line in arguments.out.read_text().splitlines()] if arguments.out.exists() else []
    known = {(line["task"], line["seed"], line["steps"]): line for line in lines}
    zygote = Zygote.start()
    for seed in range(arguments.seeds):
        for task in arguments.tasks:
            place = (task, seed, arguments.steps)
            if place not in known:
                known[place] = compare(zygote, *place)
                with arguments.out.open("a") as out:
                    out.write(json.dumps(known[place]) + "\n")
    for task in arguments.tasks:
        report(task, [known[task, seed, arguments.steps] for seed in range(arguments.seeds)])
    zygote.close()


if __name__ == "__main__":
    main()
