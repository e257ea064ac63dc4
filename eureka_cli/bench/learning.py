"""Does the faster trainer learn as well? `native_ppo` against Stable-Baselines3's PPO in the same world.

Human reward, the same environment steps, both through `train` and `evaluate` jobs as a search runs them. Stable-
Baselines3 is our plug-in with its defaults put back (`sb3`: one environment, 2048 steps, nothing normalised) and as
the plug-in ships (`sb3-normalised`: eight environments, running statistics as VecNormalize keeps them).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eureka_cli import plugins, tasks
from eureka_cli.analysis import intervals
from eureka_cli.bench import searching, tables
from eureka_cli.bench.cells import PACKAGES, SB3, Cell, Plan, Record, each
from eureka_cli.config import RunConfig, Search
from eureka_cli.core import Candidate, Json, Task, Trial
from eureka_cli.errors import JobFailed
from eureka_cli.reports import charts
from eureka_cli.steps import EVALUATOR_VERSION, Work, evaluate, train
from eureka_cli.store import read_json

ABOUT = "fitness over training: native_ppo against Stable-Baselines3's PPO, same world, same steps"
TASKS = ("cartpole_balance", "cheetah_run", "hopper_hop", "reacher_reach")
TRAINERS: dict[str, tuple[str, dict[str, Json]]] = {
    "native": ("native_ppo", {}),
    "sb3": ("sb3", {"algorithm": "ppo", "num_envs": 1, "rollout_steps": 2048, "normalize": False}),
    "sb3-normalised": ("sb3", {"algorithm": "ppo"}),
}
ARMS = tuple(TRAINERS)
EPISODES = 20
"""Behind the fitness of the policy that would be shipped, and behind every checkpoint of the curve."""
TYPICAL = {"native": 10_000, "sb3": 1_500, "sb3-normalised": 1_500}
"""Steps per CPU-second, roughly: to tell beforehand what it costs."""
VERSION = 1


def cells(plan: Plan) -> list[Cell]:
    return [_cell(plan, tasks.find(task), arm, repeat) for repeat, task, arm in each(plan, TASKS, ARMS)]


def _cell(plan: Plan, task: Task, arm: str, repeat: int) -> Cell:
    name, options = TRAINERS[arm]
    module = plugins.load("trainers", name)
    steps = plan.steps or task.budget
    trainer_config = module.Config(**task.trainer.get(name, {}), **options)
    settings = {
        "version": VERSION,
        "world": task.world,
        "judge": task.judge,
        "evaluator": EVALUATOR_VERSION,
        "trainer": {"name": name, "version": module.VERSION, "config": trainer_config.model_dump()},
        "reward": tasks.baseline(task, "human"),
        "steps": steps,
    }
    packages = PACKAGES + SB3 if name == "sb3" else PACKAGES
    return Cell(
        benchmark="learning",
        arm=arm,
        task=task.name,
        repeat=repeat,
        settings=settings,
        packages=packages,
        guess_s=15 + steps / TYPICAL[arm],
    )


def measure(cell: Cell, work: Path) -> dict[str, Json]:
    """Fitness of the shipped policy and at every checkpoint; CPU-seconds of the training job, reward included."""
    trainer, steps = cell.settings["trainer"], cell.settings["steps"]
    config = RunConfig(
        task=cell.task,
        trainer_name=trainer["name"],
        trainer=trainer["config"],
        seed=cell.repeat,
        search=Search(evaluation_episodes=EPISODES, curve_episodes=EPISODES),
    )
    with searching.run_in(work / f"{cell.name}-{cell.key}", config, cores=1) as run:
        candidate = Candidate(code=cell.settings["reward"], slot="baseline/human")
        start = Trial(candidate=candidate.id, seed=run.seeds("training", 1)[0], job="", steps=0)
        trained = train(run, [Work(candidate.code, start)], until=steps, total=steps)
        trial = evaluate(run, trained, curve=True)[0]
        if trial.failure or trial.score is None:
            raise JobFailed(f"The human reward of {cell.task} failed: {trial.failure and trial.failure.message}")
        cpu_s = read_json(run.folder.find(trial.job) / "result.json")["cpu_s"]
    return {
        "fitness": trial.score.fitness,
        "steps": list(trial.curve["steps"]),
        "curve": list(trial.curve["fitness"]),
        "cpu_s": cpu_s,
    }


# ---------------------------------------------------------------- what the cells say


def target(arms: Sequence[Sequence[Record]]) -> float:
    """The fitness both arms are timed to: the lower of their median end fitnesses (of the shipped policies)."""
    return min(float(np.median([record.result["fitness"] for record in arm])) for arm in arms)


def cpu_s_until(record: Record, fitness: float) -> float:
    """CPU-seconds of training up to the first of the ten checkpoints that reaches `fitness`; infinite where none does.

    Steps of a training are taken to cost alike, so a checkpoint's share of the steps is its share of the time.
    """
    steps, curve = record.result["steps"], record.result["curve"]
    reached = next((at for at, value in zip(steps, curve, strict=True) if value >= fitness), np.inf)
    return float(record.result["cpu_s"] * reached / steps[-1])


def report(records: Sequence[Record]) -> str:
    """Per task: fitness at the end, area under the curve, and the time until both trainers are equally good."""
    done = [_task_table(records, task) for task in tables.order(records, "task", sorted(tasks.names()))]
    drawn = ["![Fitness over environment steps](pictures/learning.svg)"] if records else []
    return "\n\n".join([*done, *drawn, tables.circumstances(records)])


def _task_table(records: Sequence[Record], task: str) -> str:
    found = {arm: tables.of(records, task=task, arm=arm) for arm in ARMS}
    rows = [_row(arm, found) for arm in ARMS if found[arm]]
    head = [
        "trainer",
        "fitness at the end",
        "`native` is",
        "difference",
        "mean over the curve",
        "CPU-s to equal fitness",
    ]
    return f"**{task}**\n\n{tables.markdown([*head, 'n'], rows)}"


def _row(arm: str, found: dict[str, list[Record]]) -> list[str]:
    """`native` beside each of the others: verdict, difference of IQMs, and the times to the fitness both reach."""
    ours, theirs = found["native"], found[arm]
    ends = [record.result["fitness"] for record in theirs]
    areas = [float(np.mean(record.result["curve"])) for record in theirs]
    verdict, difference, times = "", "", ""
    if arm != "native" and ours:
        sides = [record.result["fitness"] for record in ours], ends
        low, high = intervals.difference(*sides)
        verdict = intervals.verdict(*sides)
        difference = f"{intervals.iqm(sides[0]) - intervals.iqm(sides[1]):.3g} [{low:.3g}, {high:.3g}]"
        times = _times(ours, theirs)
    return [f"`{arm}`", tables.interval(ends), verdict, difference, tables.interval(areas), times, str(len(theirs))]


def _times(ours: Sequence[Record], theirs: Sequence[Record]) -> str:
    goal = target([ours, theirs])
    native, other = (float(np.median([cpu_s_until(record, goal) for record in side])) for side in (ours, theirs))
    ratio = f"{other / native:.1f} times" if np.isfinite(native) and np.isfinite(other) else tables.NONE
    return f"{other:.3g} against {native:.3g} to {goal:.3g} ({ratio})"


def picture(records: Sequence[Record]) -> str:
    """Curves by environment steps, a panel a task: interquartile mean over seeds, and the band of all seeds."""
    panels = []
    for task in tables.order(records, "task", sorted(tasks.names())):
        lines = []
        for arm in ARMS:
            seeds = tables.of(records, task=task, arm=arm)
            if seeds:
                curves = np.array([record.result["curve"] for record in seeds])
                middle = intervals.iqm(curves, axis=0)
                steps = seeds[0].result["steps"]
                lines.append(charts.Line(arm, steps, list(middle), list(curves.min(axis=0)), list(curves.max(axis=0))))
        panels.append(charts.Panel(task, lines))
    return charts.panels(panels)
