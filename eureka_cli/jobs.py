"""The kinds of jobs: each a function of its folder and spec, run in a process of its own. Results are plain JSON.

measure   what the environment offers: State table, spaces, versions, recorded random transitions
probe     one reward on recorded and extreme transitions, in its sandbox: findings
bank      graded, labelled episodes of chance and scripts, and good ones spoilt on purpose; never sees a reward
screen    one reward on a bank: does it pay for what fitness calls good; sees labels, runs no fitness
train     one policy on one reward and one seed, from a checkpoint or from scratch
round     several train jobs as one program; each leaves its own result
evaluate  fitness of policies by the task's own code; never sees a reward
compare   how alike two rewards are on what chance and their policies do; never sees a fitness
trace     episodes of chance, of a policy and of its beginnings, with what each step added to fitness; sees no reward
certify   one reward on a trace: the hack certificate, and what it paid in the filmed episode; runs no fitness
conform   a task's world and fitness against what this program relies on; sees no reward
render    a video of one episode; told, not knowing, what to write beside it
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from eureka_cli import (
    arrays,
    certifying,
    conforming,
    describe,
    evaluator,
    plugins,
    policies,
    policy_files,
    rendering,
    tasks,
    together,
    training,
)
from eureka_cli.analysis import likeness, narration, probing
from eureka_cli.bank import build, episodes, judging
from eureka_cli.context import ONE_BY_ONE_S, Context
from eureka_cli.core import Array, Finding, Json, Rewards, Rollout, Score, Simulator, Spaces, Trajectory
from eureka_cli.errors import JobFailed, RewardFailure
from eureka_cli.program import versions
from eureka_cli.sandbox.client import RewardProcess

MEASURE_ENVS = 16
MEASURE_STEPS = 250
RECORDED_ROWS = 512
KEPT_EPISODES = 4
"""Of an evaluation, for the banks that judge later rewards."""


# ---------------------------------------------------------------- measure


def measure(context: Context) -> dict[str, Json]:
    simulator = context.simulator(MEASURE_ENVS)
    seed = context.spec["seed"]
    started = time.process_time()
    seen = evaluator.by_chance(simulator, min(MEASURE_STEPS, simulator.horizon), seed)
    simulation_cpu_s = time.process_time() - started
    names = tuple(seen.state)
    everything = {f"state/{name}": values for name, values in seen.state.items()}
    everything |= {f"next_state/{name}": values for name, values in seen.next_state.items()} | {"action": seen.action}
    everything = {name: values.reshape(-1, *values.shape[2:]) for name, values in everything.items()}
    count = len(everything["action"])
    chosen = np.linspace(0, count - 1, min(count, RECORDED_ROWS)).astype(int)
    np.savez_compressed(context.folder / "recorded.npz", **{name: value[chosen] for name, value in everything.items()})
    environment = describe.environment(context.spec["world"], context.paths, simulator)
    table = describe.state_table(everything, environment.comments, names, simulator)
    return {
        "table": table,
        "code": environment.code,
        "termination": environment.termination,
        "model": environment.model,
        "dt": simulator.dt,
        "horizon": simulator.horizon,
        "discrete": simulator.spaces.discrete,
        "action_size": simulator.spaces.action_size,
        "observation_size": simulator.spaces.observation_size,
        "fields": list(names),
        "steps": count,
        "simulation_cpu_s": simulation_cpu_s,
        "reports_success": bool(evaluator.reported_success(getattr(simulator, "last_info", {}))),
        "versions": versions() | getattr(simulator, "packages", dict)(),
        **_for_files(simulator),
    }


def _for_files(simulator: Simulator) -> dict[str, Json]:
    """What `reward-synth new` writes down of a Gymnasium id, besides the table."""
    if not hasattr(simulator, "facts"):
        return {}
    return {**simulator.facts(), "success": evaluator.reported_success(getattr(simulator, "last_info", {}))}


def recorded_transitions(folder: Path) -> dict[str, Array]:
    return arrays.read(folder / "recorded.npz")


# ---------------------------------------------------------------- probe


def probe(context: Context) -> dict[str, Json]:
    recorded = recorded_transitions(context.folder)
    simulator = context.simulator(1)
    rows = 2 * RECORDED_ROWS
    try:
        with context.reward(simulator, rows) as first, context.reward(simulator, rows) as fresh:
            findings, facts = probing.probe(
                first.score, fresh.score, recorded, seed=context.spec["seed"], combine=first.combine
            )
            context.reward_cpu_s += first.cpu_s + fresh.cpu_s
    except RewardFailure as failure:
        findings, facts = [failure.finding], {}
    return {"findings": [finding.model_dump() for finding in findings], "facts": facts}


# ---------------------------------------------------------------- bank, screen


def bank(context: Context) -> dict[str, Json]:
    simulator = context.simulator(build.WIDTH)
    comments = describe.environment(context.spec["world"], context.paths, simulator).comments
    units = {name: describe.split_comment(comment)[0] for name, comment in comments.items()}
    task = tasks.load(context.paths, "task")
    built = build.build(simulator, task, units=units, seed=context.spec["seed"])
    episodes.save(context.folder / "bank.npz", built)
    return judging.describe(built)


def screen(context: Context) -> dict[str, Json]:
    spec, folder = context.spec, context.folder
    held = episodes.load(folder / "bank.npz")
    newcomers = []
    for k, candidate in enumerate(spec["newcomers"]):
        seen = episodes.load(folder / f"newcomer-{k:02d}.npz")
        newcomers.append(replace(seen, source=(f"candidate {candidate}",) * len(seen)))
    earlier = {name: np.load(folder / f"earlier-{name}.npy", allow_pickle=False) for name in spec["earlier"]}
    try:
        rows = judging.most_rows(held, newcomers)
        with context.reward(held, rows, seconds_per_row=ONE_BY_ONE_S) as process:
            found, totals = judging.judge(process.score, held, newcomers, earlier)
            context.reward_cpu_s += process.cpu_s
    except RewardFailure as failure:
        return {"findings": [failure.finding.model_dump()], "facts": {}}
    np.save(folder / "totals.npy", totals, allow_pickle=False)
    return {"findings": [finding.model_dump() for finding in found.findings], "facts": found.facts}


# ---------------------------------------------------------------- train


class AuditedReward:
    """Calls the reward process and keeps the last call, to ask the same of a fresh process at the end."""

    def __init__(self, process: RewardProcess) -> None:
        self._process = process
        self._last: tuple[Rollout, Array | None, Rewards] | None = None

    def __call__(self, rollout: Rollout, memory: Array | None) -> Rewards:
        rewards = self._process.score(rollout, memory)
        self._last = (rollout, None if memory is None else memory.copy(), rewards)
        return rewards

    def same_in(self, fresh: RewardProcess) -> bool:
        """Whether a process without any past gives the same bytes, and some environments alone the same numbers.

        The generic answer to hidden triggers: a past, the size of the batch.
        """
        if self._last is None:
            return True
        rollout, memory, before = self._last
        after = fresh.score(rollout, memory)
        if after.total.tobytes() != before.total.tobytes():
            return False
        some = slice(0, max(1, rollout.starts.shape[1] // 3))
        part = Rollout(
            state={name: values[:, some] for name, values in rollout.state.items()},
            action=rollout.action[:, some],
            next_state={name: values[:, some] for name, values in rollout.next_state.items()},
            starts=rollout.starts[:, some],
        )
        alone = fresh.score(part, None if memory is None else memory[some])
        return bool(np.allclose(alone.total, before.total[:, some], rtol=probing.TOLERANCE, atol=1e-9))


def train(context: Context) -> dict[str, Json]:
    spec = context.spec
    module = plugins.load("trainers", spec["trainer"]["name"])
    if hasattr(module, "train_round"):
        return together.train([context])[0]
    config = module.Config.model_validate(spec["trainer"]["config"])
    simulator = context.simulator(config.num_envs)
    how = {
        "seed": spec["seed"],
        "total_timesteps": spec["total"],
        "until": spec["until"],
        "start": training.begun(context.folder),
        "on_progress": context.progress,
        **({"fresh_world": True} if spec.get("fresh_world") else {}),
    }
    process = context.reward(simulator, config.rows)
    try:
        reward = AuditedReward(process)
        trained = module.train(simulator, reward, config, **how)
        with context.reward(simulator, config.rows) as fresh:
            pure = reward.same_in(fresh)
            context.reward_cpu_s += fresh.cpu_s
    except RewardFailure as failure:
        return {"failure": failure.finding.model_dump()}
    finally:
        context.reward_cpu_s += process.cpu_s
        process.close()
    return training.keep(context.folder, trained) if pure else {"failure": IMPURE.model_dump()}


IMPURE = Finding(
    rule="impure",
    message="The same transitions scored again in a fresh process, or in a smaller batch, gave other numbers, so the"
    " reward depends on something besides its inputs.",
    cure="Compute the reward from state, action and next_state alone; keep nothing between calls.",
)


# ---------------------------------------------------------------- evaluate


def evaluate(context: Context) -> dict[str, Json]:
    spec = context.spec
    task = tasks.load(context.paths, "task")
    simulator = context.simulator(len(spec["seeds"]))
    act = evaluator.acting_at_random(simulator, spec["seeds"][0]) if spec["random"] else _act(context)
    trajectories = evaluator.rollouts(simulator, act, np.array(spec["seeds"], np.uint64))
    score = evaluator.judge(trajectories, task)
    if "curriculum" not in spec:  # a climb is long, and no bank asks for its episodes
        _keep_episodes(context.folder, trajectories, score)
    curve = []  # per checkpoint, the fitness of every episode
    if spec["curve"]:
        simulator = context.simulator(len(spec["curve_seeds"]))
        for index in spec["curve"]:
            act = evaluator.acting(policies.load(context.folder / f"curve-{index:02d}.npz"))
            seen = evaluator.rollouts(simulator, act, np.array(spec["curve_seeds"], np.uint64))
            curve.append(evaluator.label(seen, task)[0])
    means = [float(np.mean(episodes)) for episodes in curve]
    found = {"score": score.model_dump(), "curve": means, "curve_episodes": curve}
    if "narrate" in spec:
        names = narration.vocabulary(tasks.load(context.paths, "env"), trajectories[0])
        count, last = spec["narrate"]["count"], spec["narrate"]["last"]
        found["narrations"] = narration.failed(trajectories, score, names, count=count, last=last)
    if "curriculum" in spec:
        found |= evaluator.onward(task, spec["curriculum"], spec["world"]["params"], score)
    return found


def _act(context: Context) -> evaluator.Act:
    """The policy of a finished job, or of a person's file."""
    if "policy" not in context.paths:
        return evaluator.acting(policies.load(context.folder / "policy.npz"))
    return policy_files.acting(Path(context.paths["policy"]), Spaces(**context.spec["spaces"]))


def _keep_episodes(folder: Path, trajectories: list[Trajectory], score: Score) -> None:
    """A few episodes with their fitness, so that later rewards are judged on what earlier ones led to."""
    kept = trajectories[:KEPT_EPISODES]
    fitness = score.episodes[: len(kept)]
    success = None if score.successes is None else score.successes[: len(kept)]
    count = len(kept)
    found = episodes.of(
        kept,
        fitness=fitness,
        merit=[score.fitness] * count,
        luck=[float(np.std(score.episodes))] * count,
        success=success,
        source=["policy"] * count,
    )
    episodes.save(folder / "episodes.npz", found)


# ---------------------------------------------------------------- compare


def compare(context: Context) -> dict[str, Json]:
    """Both rewards on whole episodes of chance, of our policy and of theirs."""
    seeds = context.spec["seeds"]
    simulator = context.simulator(len(seeds))
    acts = {"chance": evaluator.acting_at_random(simulator, seeds[0])}
    acts |= {side: evaluator.acting(policies.load(context.folder / f"{side}.npz")) for side in ("ours", "theirs")}
    seen = {
        name: evaluator.as_rollout(evaluator.rollouts(simulator, act, np.array(seeds, np.uint64)))
        for name, act in acts.items()
    }
    totals = {}
    try:
        for side in ("ours", "theirs"):
            rows = len(seeds) * simulator.horizon
            with context.reward(simulator, rows, f"{side}.py", seconds_per_row=ONE_BY_ONE_S) as process:
                totals[side] = {name: process.score(rollout).total[:, 0] for name, rollout in seen.items()}
                context.reward_cpu_s += process.cpu_s
    except RewardFailure as failure:
        return {"failure": failure.finding.message}
    transitions = sum(len(rollout.action) for rollout in seen.values())
    return {"failure": None, **likeness.compare(totals["ours"], totals["theirs"]), "transitions": transitions}


# ---------------------------------------------------------------- render


def render(context: Context) -> dict[str, Json]:
    folder, spec = context.folder, context.spec
    film = folder / "film.npz"
    count, no_panel = rendering.told_video(
        lambda: context.simulator(1),
        _act(context),
        seed=spec["seed"],
        camera=spec["camera"],
        file=folder / "video.mp4",
        film=film if film.exists() else None,
    )
    if count == 0:
        raise JobFailed("The renderer gave no frame.")
    rendering.strip(folder / "video.mp4", count, folder / "strip.png")
    return {"frames": count, "no_panel": no_panel}


Kind = Callable[[Context], dict[str, Any]]
KINDS: dict[str, Kind] = {
    "measure": measure,
    "probe": probe,
    "bank": bank,
    "screen": screen,
    "train": train,
    "round": together.train_jobs,
    "evaluate": evaluate,
    "compare": compare,
    "trace": certifying.trace,
    "certify": certifying.certify,
    "conform": conforming.conform,
    "render": render,
}
