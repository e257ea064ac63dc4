"""A climb: from a world made easy to the goal, in chunks of training that are pauses of one schedule.

Train a chunk in a fixed world, evaluate, go on in the world the task's own rule names. The rule sees fitness, so it
runs where fitness is computed, in the process of the evaluation; what comes back is params and how far up they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from eureka_cli import plugins, tasks
from eureka_cli.core import Candidate, Job, Json, Params, Score, Task, Trial, digest
from eureka_cli.errors import UsageError
from eureka_cli.run import Run
from eureka_cli.steps import Work, judging, measured, train

NONE = "none"
RUNG = "rung"
"""The parameter that names a world on the way to the goal: who sets it stays there."""
LAST_POLICY = "policy-last.npz"
"""Kept equal to training.LAST_POLICY by a test."""


class Plan(NamedTuple):
    """A climb as it was asked for: a curriculum of the task, or straight to the goal. Budgets in environment steps."""

    curriculum: str
    """Its name, or `none`."""
    start: Params
    """All of the task's params."""
    names: tuple[str, ...]
    """Those of them the curriculum sets: what a person wants to see."""
    goal: str
    """The first of the task's goals."""
    chunk: int
    rank: int
    budget: int
    trainer: Mapping[str, Json]
    """Settings the curriculum advises."""


class Climber(NamedTuple):
    """A reward and a seed on the way up."""

    label: str
    """`candidate` or `human`."""
    candidate: Candidate
    trial: Trial
    params: Params
    """Of the chunk to come."""
    moved: bool = False
    """They name another world than the checkpoint's."""
    height: float = 0.0
    """Of the last chunk, in [0, 1]."""


OnChunk = Callable[[Climber, Params], None]
"""Told of each climber that trained a chunk, and in which params."""


def plan(run: Run) -> Plan | None:
    """What climb ends the run; None where its task needs none, or a rung was asked for.

    Raises UsageError where what was asked for does not exist.
    """
    task, asked = run.task, run.config.curriculum
    if not task.curricula:
        if asked.name not in (None, NONE):
            raise UsageError(
                f"Task {task.name!r} has no curriculum, so none of the name {asked.name!r}: leave out --curriculum."
            )
        return None
    if RUNG in run.config.params:
        if asked.name not in (None, NONE):
            rung = run.config.params[RUNG]
            raise UsageError(f"A curriculum leads away from rung {rung!r}. Leave out --rung, or --curriculum.")
        return None
    known = tasks.curricula(task)
    name = asked.name or next(iter(known))
    if name not in (*known, NONE):
        raise UsageError(f"Task {task.name!r} has no curriculum {name!r}. It has: {', '.join(known)}, none.")
    _check_trainer(run)
    goal = next(iter(task.goals))
    sizes = known.get(name) or next(iter(known.values()))
    budget = asked.budget or sizes.budget
    start = known[name].start if name in known else task.goals[goal]
    return Plan(
        curriculum=name,
        start={**task.params, **start},
        names=tuple(start),
        goal=goal,
        chunk=asked.chunk or sizes.chunk,
        rank=min(asked.rank or sizes.rank, budget),
        budget=budget,
        trainer=sizes.trainer.get(run.config.trainer_name, {}),
    )


def _check_trainer(run: Run) -> None:
    name = run.config.trainer_name
    if "fresh_world" not in inspect.signature(plugins.load("trainers", name).train).parameters:
        raise UsageError(
            f"Trainer {name!r} cannot take a policy into another world, which a curriculum does. Use --trainer"
            " native_ppo, or stay in one world: --rung NAME."
        )


def begin(plan: Plan, label: str, candidate: Candidate, seed: int) -> Climber:
    return Climber(label, candidate, Trial(candidate=candidate.id, seed=seed, job="", steps=0), plan.start)


def climb(
    run: Run, plan: Plan, climbers: Sequence[Climber], *, until: int, stage: str, on_chunk: OnChunk | None = None
) -> list[Climber]:
    """Bring all to `until` steps of the plan's budget, side by side, chunk by chunk; who fails stays where it is."""
    worlds: dict[str, Task] = {}
    now = list(climbers)
    for mark in [*range(plan.chunk, until, plan.chunk), until]:
        going = [k for k, one in enumerate(now) if one.trial.failure is None and one.trial.steps < mark]
        before = [now[k] for k in going]
        _learn_worlds(run, worlds, [one.params for one in before])
        for k, one in zip(going, _chunk(run, plan, before, worlds, mark), strict=True):
            now[k] = one
        for k, was in zip(going, before, strict=True):
            _tell(run, plan, now[k], was.params, stage)
        for k, was in zip(going, before, strict=True):
            if on_chunk and now[k].trial.failure is None:
                on_chunk(now[k], was.params)
    return now


def _chunk(run: Run, plan: Plan, climbers: Sequence[Climber], worlds: Mapping[str, Task], mark: int) -> list[Climber]:
    """Train all to `mark`, evaluate them where they were trained, and look where they go on."""
    here = [worlds[digest(one.params)] for one in climbers]
    work = [_work(one, task) for one, task in zip(climbers, here, strict=True)]
    trained = train(run, work, until=mark, total=plan.budget, advised=plan.trainer)
    moved = [one._replace(trial=trial) for one, trial in zip(climbers, trained, strict=True)]
    healthy = [k for k, one in enumerate(moved) if one.trial.failure is None]
    jobs = [evaluation(run, moved[k], here[k], "climb-evaluation", plan.curriculum) for k in healthy]
    for k, outcome in zip(healthy, run.execute(jobs), strict=True):
        moved[k] = _onward(moved[k], outcome.address, outcome.result)
    return moved


def _learn_worlds(run: Run, worlds: dict[str, Task], wanted: Sequence[Params]) -> None:
    fresh = {digest(params): params for params in wanted if digest(params) not in worlds}
    found = measured(run, list(fresh.values()))
    worlds.update({name: task for name, (task, _) in zip(fresh, found, strict=True)})


def _work(climber: Climber, task: Task) -> Work:
    return Work(
        climber.candidate.code,
        climber.trial,
        shared=climber.label != "candidate",
        world=task.world,
        fresh_world=climber.moved,
    )


def evaluation(run: Run, climber: Climber, task: Task, purpose: str, curriculum: str = NONE) -> Job:
    """Of the last policy in the world of `task`; in a curriculum it says where to go on."""
    seeds = run.seeds(purpose, run.config.search.evaluation_episodes)
    spec = judging(task, seeds) | ({} if curriculum == NONE else {"curriculum": curriculum})
    links = {"policy.npz": f"{climber.trial.job}/{LAST_POLICY}"}
    return Job(kind="evaluate", spec=spec, links=links, paths=task.paths, shared=climber.label != "candidate")


def _onward(climber: Climber, address: str, found: dict[str, Json]) -> Climber:
    score = Score.model_validate(found["score"])
    params = {**climber.params, **(found.get("next") or {})}
    return climber._replace(
        trial=climber.trial.model_copy(update={"score": score, "evaluation": address}),
        params=params,
        moved=params != climber.params,
        height=found.get("height", 0.0),
    )


def _tell(run: Run, plan: Plan, climber: Climber, params: Params, stage: str) -> None:
    trial = climber.trial
    score = None if trial.failure else trial.score
    run.event(
        "chunk",
        stage=stage,
        label=climber.label,
        candidate=trial.candidate,
        seed=trial.seed,
        steps=trial.steps,
        total=plan.budget,
        params=shown(plan, params),
        height=climber.height,
        fitness=score.fitness if score else None,
        success=score.success if score else None,
        drops=score.drops if score else None,
        failure=trial.failure.model_dump() if trial.failure else None,
        job=trial.job,
        evaluation=trial.evaluation,
    )


def shown(plan: Plan, params: Params) -> Params:
    """What a person wants to see of them: what the curriculum sets, and what else has changed since its start."""
    return {name: value for name, value in params.items() if name in plan.names or value != plan.start[name]}
