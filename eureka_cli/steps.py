"""Verbs methods are written in: measure, advance, train, evaluate.

drafts.py has design and check, racing.py race, confirm.py confirm.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from eureka_cli import combiners, plugins, reflection, tasks
from eureka_cli.analysis import narration
from eureka_cli.config import resolve
from eureka_cli.core import (
    Entry,
    Finding,
    Frozen,
    Job,
    Json,
    Outcome,
    Params,
    Score,
    Task,
    Trial,
    digest,
)
from eureka_cli.errors import UsageError
from eureka_cli.run import Run

MEASURE_VERSION = 3
EVALUATOR_VERSION = 4
"""Kept equal to evaluator.VERSION by a test: the controller does not import the evaluator."""


# ---------------------------------------------------------------- measure


def measure(run: Run) -> Task:
    """Measure the environment by random rollouts; afterwards run.task carries what keys need."""
    _check_written(run.task)
    outcome = _measured(run, [run.task])[0]
    found = outcome.result
    if run.task.judge["fitness"] == "info" and not found["reports_success"]:
        raise UsageError(
            f"{run.task.env} reports no success in its info, so nothing could be measured."
            " Give --fitness FILE with a function fitness(trajectory) -> float."
        )
    run.measurement = {**found, "address": outcome.address}
    trainer(run)
    run.task = _with_measured(run.task, outcome)
    return run.task


def _check_written(task: Task) -> None:
    """Raises UsageError while the task file holds what `reward-synth new` wrote to be replaced."""
    file = Path(task.paths.get("task", ""))
    cures = {
        "fitness": "say there how well one episode went, as a number",
        "success": "say there when an episode is solved, or delete the function",
    }
    for name, cure in cures.items():
        if file.is_file() and tasks.unwritten(file, name):
            raise UsageError(f"{name} in {file} is still to be written: {cure}.")


def measured(run: Run, params: Sequence[Params]) -> list[tuple[Task, Outcome]]:
    """The run's task in worlds of other parameters, each with its measurement.

    Another world may have another compiled model, and what is measured names it in the keys of its jobs.
    """
    worlds = [tasks.under(run.task, other) for other in params]
    outcomes = _measured(run, worlds)
    return [(_with_measured(task, outcome), outcome) for task, outcome in zip(worlds, outcomes, strict=True)]


def _measured(run: Run, worlds: Sequence[Task]) -> list[Outcome]:
    seed = run.seeds("measure", 1)[0]
    specs = [{"world": task.world, "seed": seed, "version": MEASURE_VERSION} for task in worlds]
    return run.execute([Job(kind="measure", spec=spec, paths=run.task.paths, shared=True) for spec in specs])


def _with_measured(task: Task, outcome: Outcome) -> Task:
    found = outcome.result
    names = digest({"model": found["model"], "versions": found["versions"]})
    return task.model_copy(update={"world": {**task.world, "measured": names}, "horizon": found["horizon"]})


# ---------------------------------------------------------------- train, evaluate


def advance(run: Run, entries: Sequence[Entry], *, until: int, total: int) -> list[Entry]:
    """Train every healthy trial to `until` of one schedule over `total`, then evaluate it."""
    alive = [entry for entry in entries if entry.failure is None]
    flat = [(entry, trial) for entry in alive for trial in entry.trials]
    trained = train(run, [Work(entry.candidate.code, trial) for entry, trial in flat], until=until, total=total)
    scored = evaluate(run, trained, curve=until == total)
    position = iter(scored)
    moved = {id(entry): Entry(entry.draft, tuple(next(position) for _ in entry.trials)) for entry in alive}
    for entry in moved.values():
        run.event(
            "score",
            candidate=entry.candidate.id,
            fitness=entry.fitness,
            steps=entry.steps,
            total=total,
            failure=entry.failure.model_dump() if entry.failure else None,
            curve=reflection.fitness_curve(entry.trials),
            jobs=[trial.job for trial in entry.trials],
            evaluations=[trial.evaluation for trial in entry.trials],
        )
    return [moved.get(id(entry), entry) for entry in entries]


def finished(run: Run, entry: Entry) -> bool:
    """Trained to the end and measured: the race stopped it nowhere, no seed failed."""
    return entry.fitness is not None and entry.steps >= run.trial_steps


class Work(NamedTuple):
    """A reward's code and the trial to advance with it."""

    code: str
    trial: Trial
    shared: bool = False
    """Baselines are kept for other runs."""
    world: dict[str, Json] | None = None
    """Another than the run's."""
    fresh_world: bool | None = None
    """Of a chunk of a climb: whether its world is another than the checkpoint's. None: this is no chunk."""


def train(
    run: Run, work: Sequence[Work], *, until: int, total: int, advised: Mapping[str, Json] = MappingProxyType({})
) -> list[Trial]:
    """Advance trials to `until` steps of one schedule over `total`, from scratch or from their checkpoints.

    `advised` are the trainer's settings where the run has none of its own; they go before what the task advises.
    """
    settings = trainer(run, advised)
    jobs = [_train_job(run, item, settings, until=until, total=total) for item in work]
    outcomes = run.execute(jobs, together=settings["config"].get("together", 1))
    trained = []
    for item, outcome in zip(work, outcomes, strict=True):
        found = outcome.result
        if found["failure"]:
            update = {"job": outcome.address, "failure": Finding.model_validate(found["failure"])}
        else:
            curve = {name: tuple(values) for name, values in found["curve"].items()}
            update = {"job": outcome.address, "steps": found["steps"], "curve": curve, "score": None}
        trained.append(item.trial.model_copy(update=update))
    return trained


def _train_job(run: Run, work: Work, settings: dict[str, Json], *, until: int, total: int) -> Job:
    trial = work.trial
    spec = {
        "world": work.world or run.task.world,
        "trainer": settings,
        "seed": trial.seed,
        "total": total,
        "until": until,
        "start": trial.job,
        "from": trial.steps,
        "candidate": trial.candidate,
        **combiners.of_key(work.code),
        **({} if work.fresh_world is None else {"fresh_world": work.fresh_world}),
    }
    links = {"start.npz": f"{trial.job}/checkpoint.npz"} if trial.job else {}
    texts = {"reward.py": work.code}
    return Job(kind="train", spec=spec, texts=texts, links=links, paths=run.task.paths, shared=work.shared)


def trainer(run: Run, advised: Mapping[str, Json] = MappingProxyType({})) -> dict[str, Json]:
    """Name, version and resolved settings of the run's trainer: part of every training key.

    Raises UsageError where the trainer cannot do what is asked, as far as is known: more is known once measured.
    """
    name = run.config.trainer_name
    module = plugins.load("trainers", name)
    settings = {**run.task.trainer.get(name, {}), **advised, **run.config.trainer}
    config: Frozen = resolve(settings, module.Config, "trainer")
    if hasattr(module, "check"):
        module.check(config, run.measurement.get("discrete"))
    if hasattr(module, "fits") and not run.measurement:
        module.fits(run.task)
    packages = {package: importlib.metadata.version(package) for package in getattr(module, "PACKAGES", ())}
    facts = {"packages": packages} if packages else {}
    return {"name": name, "version": module.VERSION, "config": config.model_dump(), **facts}


def shipped_checkpoint(trial: Trial) -> int:
    """The checkpoint with the peak own return, where no other is named: chosen without looking at fitness."""
    if trial.shipped is not None:
        return trial.shipped
    returns = np.array(trial.curve["return"], dtype=float)
    return int(np.nanargmax(returns)) if np.isfinite(returns).any() else len(returns) - 1


def evaluate(
    run: Run, trials: Sequence[Trial], *, curve: bool, purpose: str = "evaluation", shared: Sequence[bool] = ()
) -> list[Trial]:
    """Fitness of each trial's shipped policy; with `curve`, of every checkpoint too. Failed trials pass through."""
    keep = shared or [False] * len(trials)
    alive = [(trial, kept) for trial, kept in zip(trials, keep, strict=True) if trial.failure is None]
    jobs = [_evaluate_job(run, trial, curve=curve, purpose=purpose, shared=kept) for trial, kept in alive]
    scored = {}
    for (trial, _), outcome in zip(alive, run.execute(jobs), strict=True):
        score = Score.model_validate(outcome.result["score"])
        full = {**trial.curve, "fitness": tuple(outcome.result["curve"])} if curve else trial.curve
        update = {"score": score, "curve": full, "evaluation": outcome.address}
        scored[id(trial)] = trial.model_copy(update=update)
    return [scored.get(id(trial), trial) for trial in trials]


def _evaluate_job(run: Run, trial: Trial, *, curve: bool, purpose: str, shared: bool) -> Job:
    search = run.config.search
    index = shipped_checkpoint(trial)
    checkpoints = list(range(len(trial.curve["steps"]))) if curve else []
    links = {"policy.npz": f"{trial.job}/policy-{index:02d}.npz"}
    links |= {f"curve-{k:02d}.npz": f"{trial.job}/policy-{k:02d}.npz" for k in checkpoints}
    seeds = run.seeds(purpose, search.evaluation_episodes)
    spec = judging(run.task, seeds, curve_seeds=run.seeds("curve", search.curve_episodes), curve=checkpoints)
    return Job(kind="evaluate", spec=spec, links=links, paths=run.task.paths, shared=shared)


def narrate(run: Run, trial: Trial, *, episodes: int, last: int) -> list[str]:
    """Failed episodes of a trial's shipped policy as text, up to `episodes` of those that gave it its fitness.

    Each has its events and its `last` steps in numbers.
    """
    job = _evaluate_job(run, trial, curve=False, purpose="evaluation", shared=False)
    how = {"count": episodes, "last": last, "version": narration.VERSION}
    told = job.model_copy(update={"spec": {**job.spec, "narrate": how}})
    narrations: list[str] = run.execute([told])[0].result["narrations"]
    return narrations


def judging(
    task: Task, seeds: list[int], *, curve_seeds: Sequence[int] = (), curve: Sequence[int] = (), random: bool = False
) -> dict[str, Json]:
    """What an evaluation is asked: an episode a seed in the world of `task`, of a policy or of chance."""
    return {
        "world": task.world,
        "judge": task.judge,
        "version": EVALUATOR_VERSION,
        "seeds": seeds,
        "curve_seeds": list(curve_seeds),
        "curve": list(curve),
        "random": random,
    }


def by_chance(run: Run, task: Task, count: int) -> list[Score]:
    """Uniform actions, as many evaluations as others have seeds, each with episodes of its own."""
    episodes = run.config.search.evaluation_episodes
    pool = run.seeds("confirmation-evaluation", episodes * count)
    specs = [judging(task, pool[k * episodes : (k + 1) * episodes], random=True) for k in range(count)]
    outcomes = run.execute([Job(kind="evaluate", spec=spec, paths=task.paths, shared=True) for spec in specs])
    return [Score.model_validate(outcome.result["score"]) for outcome in outcomes]
