"""Training where rewards are arithmetic: one candidate, or a round of them as one program.

The members of a round are train jobs like any other, with keys, folders and results of their own: whoever reads them
cannot tell how they were run. One that fails takes no other with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path

from eureka_cli import evaluator, plugins, training
from eureka_cli.context import UNCONFINED, Context
from eureka_cli.core import Json, Simulator
from eureka_cli.errors import RewardFailure
from eureka_cli.sandbox import arithmetic
from eureka_cli.sandbox.arithmetic import Arithmetic
from eureka_cli.store import locked, write_json

CHANCE_ENVS, CHANCE_STEPS = 16, 32
"""Of chance, on which a traced reward must give the numbers of its process."""
TRACERS = 4
"""Processes that trace side by side; each is a whole JAX."""


def train_jobs(context: Context) -> dict[str, Json]:
    """The train jobs a round names, but for those that are done; each leaves its result.json as if it had run alone.

    What all of them cost is shared out in equal parts.
    """
    began, cpu_began = time.monotonic(), time.process_time()
    folders = [Path(context.paths[address]) for address in context.spec["jobs"]]
    with ExitStack() as locks:
        for folder in sorted(folders):  # in one order everywhere: two rounds never wait for each other
            locks.enter_context(locked(folder / ".lock", waiting=context.waits))
        members = [context.member(folder) for folder in folders if not (folder / "result.json").exists()]
        members.sort(key=lambda member: (member.spec["candidate"], member.spec["seed"]))
        results = train(members) if members else []
        cpu_s = time.process_time() - cpu_began
        for member, result in zip(members, results, strict=True):
            own_s = member.reward_cpu_s
            record = {"result": result, "cpu_s": cpu_s / len(members) + own_s, "reward_cpu_s": own_s}
            write_json(member.folder / "result.json", record)
    return {"trained": len(members), "wall_s": time.monotonic() - began}


def train(members: Sequence[Context]) -> list[dict[str, Json]]:
    """The result of each. All have the world, the trainer and the place in the schedule of the first."""
    spec = members[0].spec
    module = plugins.load("trainers", spec["trainer"]["name"])
    config = module.Config.model_validate(spec["trainer"]["config"])
    simulator = members[0].simulator(config.num_envs)
    _note(f"tracing {len(members)} rewards")
    rewards = _traced(members, simulator)
    if not spec["start"]:
        _note("comparing each with its process")
        rewards = _compared(members, rewards)
    going = [k for k, reward in enumerate(rewards) if isinstance(reward, Arithmetic)]
    starts = [start for k in going if (start := training.begun(members[k].folder)) is not None]

    def on_progress(steps: int, returns: list[float]) -> None:
        _note(f"step {steps}")
        for k, own_return in zip(going, returns, strict=True):
            members[k].progress(steps, own_return)

    _note(f"compiling a program for {len(going)}")
    trained = going and module.train_round(
        simulator,
        [rewards[k] for k in going],
        config,
        seeds=[members[k].spec["seed"] for k in going],
        total_timesteps=spec["total"],
        until=spec["until"],
        start=starts or None,
        on_progress=on_progress,
        fresh_world=bool(spec.get("fresh_world")),
    )
    ends = {**dict(enumerate(rewards)), **dict(zip(going, trained, strict=True))}
    return [_result(member, ends[k]) for k, member in enumerate(members)]


def _note(doing: str) -> None:
    """For output.txt: where the time goes, and where a job that died stood."""
    print(datetime.now().isoformat(timespec="milliseconds"), doing, flush=True)


def _result(member: Context, end: training.Training | RewardFailure) -> dict[str, Json]:
    if isinstance(end, RewardFailure):
        return {"failure": end.finding.model_dump()}
    return training.keep(member.folder, end)


# ---------------------------------------------------------------- rewards as arithmetic


def _traced(members: Sequence[Context], simulator: Simulator) -> list[Arithmetic | RewardFailure]:
    """The reward of each, every text traced once."""
    codes = [(member.folder / "reward.py").read_text(encoding="utf-8") for member in members]
    unconfined = members[0].zygote.lock == UNCONFINED

    def traced(code: str) -> Arithmetic | RewardFailure:
        fields, action_shape = simulator.fields, simulator.action_shape
        try:
            return arithmetic.trace(code, fields=fields, action_shape=action_shape, allow_unconfined=unconfined)
        except RewardFailure as failure:
            return failure

    before = os.times()
    distinct = list(dict.fromkeys(codes))
    with ThreadPoolExecutor(min(TRACERS, len(os.sched_getaffinity(0)))) as pool:
        found = dict(zip(distinct, pool.map(traced, distinct), strict=True))
    after = os.times()
    for member in members:
        member.reward_cpu_s += (sum(after[2:4]) - sum(before[2:4])) / len(members)
    return [found[code] for code in codes]


def _compared(
    members: Sequence[Context], rewards: Sequence[Arithmetic | RewardFailure]
) -> list[Arithmetic | RewardFailure]:
    """Before the first step the arithmetic and the reward's process must say the same of chance."""
    few = members[0].simulator(CHANCE_ENVS)
    chance = cache(lambda seed: evaluator.by_chance(few, CHANCE_STEPS, seed))
    found = []
    for member, reward in zip(members, rewards, strict=True):
        if isinstance(reward, Arithmetic):
            rollout = chance(member.spec["seed"])
            try:
                with member.reward(few, rollout.starts.size) as process:
                    wrong = arithmetic.disagreement(reward, process.score(rollout), rollout)
                    member.reward_cpu_s += process.cpu_s
                found.append(reward if wrong is None else RewardFailure(wrong))
            except RewardFailure as failure:
                found.append(failure)
        else:
            found.append(reward)
    return found
