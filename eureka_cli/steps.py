"""The verbs methods are written in: measure, design, check, race (confirm.py: confirm). Recorded effects of a Run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli import plugins, reflection
from eureka_cli.config import resolve
from eureka_cli.core import (
    Candidate,
    Completion,
    Draft,
    Entry,
    Finding,
    Frozen,
    Job,
    Message,
    Score,
    Task,
    Trial,
    Verdict,
    digest,
)
from eureka_cli.critics import answers, lint, probe
from eureka_cli.errors import UsageError
from eureka_cli.run import Run
from eureka_cli.store import write_atomic

MEASURE_VERSION = 3
EVALUATOR_VERSION = 1
"""Kept equal to evaluator.VERSION by a test: the controller does not import the evaluator."""


# ---------------------------------------------------------------- measure


def measure(run: Run) -> Task:
    """Measure the environment by random rollouts; afterwards run.task carries what keys need."""
    seed = run.seeds("measure", 1)[0]
    spec = {"world": run.task.world, "seed": seed, "version": MEASURE_VERSION}
    job = Job(kind="measure", spec=spec, paths=run.task.paths, shared=True)
    outcome = run.execute([job])[0]
    found = outcome.result
    if run.task.judge["fitness"] == "info" and not found["reports_success"]:
        raise UsageError(
            f"{run.task.env} reports no success in its info, so nothing could be measured."
            " Give --fitness FILE with a function fitness(trajectory) -> float."
        )
    run.measurement = {**found, "address": outcome.address}
    trainer(run)
    measured = {"model": found["model"], "versions": found["versions"]}
    world = {**run.task.world, "measured": digest(measured)}
    run.task = run.task.model_copy(update={"world": world, "horizon": found["horizon"]})
    return run.task


# ---------------------------------------------------------------- design and check


def design(
    run: Run, messages: Sequence[Message], *, slot: str, samples: int, parent: Candidate | None = None
) -> list[Draft]:
    """Ask for `samples` independent answers to one prompt; `parent` is the reward they are asked to improve."""
    slots = [f"{slot}/sample-{k}/attempt-0" for k in range(1, samples + 1)]
    completions = run.complete([(name, messages) for name in slots])
    origin = parent.id if parent else None
    return [_draft(run, name, completion, origin) for name, completion in zip(slots, completions, strict=True)]


def check(run: Run, drafts: Sequence[Draft], messages: Sequence[Message], *, repairs: int) -> list[Draft]:
    """Lint, then probe in the sandbox; what is refused goes back to the model `repairs` times with the findings."""
    checked = _judge(run, drafts)
    for attempt in range(1, repairs + 1):
        refused = [draft for draft in checked if not draft.verdict.accepted]
        if not refused:
            break
        asked = [
            (_next_slot(draft.slot, attempt), [*messages, *reflection.repair(draft, draft.verdict.findings)])
            for draft in refused
        ]
        answers = run.complete(asked)
        origins = [draft.parent for draft in refused]
        mended = [
            _draft(run, slot, answer, origin) for (slot, _), answer, origin in zip(asked, answers, origins, strict=True)
        ]
        replaced = dict(zip([draft.slot for draft in refused], _judge(run, mended), strict=True))
        checked = [replaced.get(draft.slot, draft) for draft in checked]
    return checked


def _draft(run: Run, slot: str, completion: Completion, parent: str | None) -> Draft:
    if completion.finish != "stop":
        why = {"length": "The answer was cut off at the token limit.", "refusal": "The model refused to answer."}
        cure = "Answer again, shorter: one sentence and one python block."
        finding = Finding(rule=completion.finish, message=why[completion.finish], cure=cure)
        return _codeless(slot, completion, parent, finding)
    code = answers.extract(completion.text)
    if isinstance(code, Finding):
        return _codeless(slot, completion, parent, code)
    candidate = Candidate(code=code, slot=slot)
    write_atomic(run.folder.path / "candidates" / f"{candidate.id}.py", code)
    verdict = Verdict(candidate=candidate.id, findings=lint.lint(code, fields=run.measurement["fields"]))
    return Draft(slot, completion, parent, candidate, verdict)


def _codeless(slot: str, completion: Completion, parent: str | None, finding: Finding) -> Draft:
    return Draft(slot, completion, parent, None, Verdict(candidate="", findings=(finding,)))


def _judge(run: Run, drafts: Sequence[Draft]) -> list[Draft]:
    """Probe what lint let pass, all side by side, and record every verdict."""
    passed = [draft for draft in drafts if draft.candidate and draft.verdict.accepted]
    probed = probe.probe(run, [draft.candidate for draft in passed if draft.candidate])
    judged = []
    for draft in drafts:
        more = probed.get(draft.candidate.id, ()) if draft.candidate else ()
        verdict = draft.verdict.model_copy(update={"findings": (*draft.verdict.findings, *more)})
        run.event(
            "verdict",
            slot=draft.slot,
            candidate=verdict.candidate,
            parent=draft.parent,
            accepted=verdict.accepted,
            findings=[finding.model_dump() for finding in verdict.findings],
        )
        if verdict.candidate:
            file = run.folder.path / "candidates" / f"{verdict.candidate}.verdict.json"
            write_atomic(file, verdict.model_dump_json(indent=1) + "\n")
        judged.append(draft._replace(verdict=verdict))
    return judged


def _next_slot(slot: str, attempt: int) -> str:
    return f"{slot.rpartition('/')[0]}/attempt-{attempt}"


# ---------------------------------------------------------------- train, evaluate, race


def race(run: Run, drafts: Sequence[Draft]) -> list[Entry]:
    """Train accepted candidates on shared seeds; by `halving` the weaker half stops early, ties kept."""
    distinct = {draft.candidate.id: draft for draft in drafts if draft.candidate and draft.verdict.accepted}
    seeds = run.seeds("training", run.config.search.train_seeds)
    total = run.trial_steps
    entries = [Entry(draft, _unstarted(draft, seeds)) for draft in distinct.values()]
    if run.config.search.racing == "halving" and len(entries) > 1:
        early = round(total * run.config.search.race_fraction)
        entries = _advance(run, entries, until=early, total=total)
        keep = _better_half(entries)
        going = {entry.candidate.id for entry in keep}
        finished = {entry.candidate.id: entry for entry in _advance(run, keep, until=total, total=total)}
        for entry in entries:
            if entry.candidate.id not in going and entry.failure is None:
                run.event("race-stopped", candidate=entry.candidate.id, saved_steps=(total - early) * len(seeds))
        return [finished.get(entry.candidate.id, entry) for entry in entries]
    return _advance(run, entries, until=total, total=total)


def _unstarted(draft: Draft, seeds: Sequence[int]) -> tuple[Trial, ...]:
    assert draft.candidate is not None
    return tuple(Trial(candidate=draft.candidate.id, seed=seed, job="", steps=0) for seed in seeds)


def _better_half(entries: Sequence[Entry]) -> list[Entry]:
    """The better half by fitness so far, rounded up; whoever ties with its last stays in."""
    ranked = sorted((entry.fitness for entry in entries if entry.fitness is not None), reverse=True)
    if not ranked:
        return []
    bar = ranked[(len(ranked) + 1) // 2 - 1]
    return [entry for entry in entries if entry.fitness is not None and entry.fitness >= bar]


def _advance(run: Run, entries: Sequence[Entry], *, until: int, total: int) -> list[Entry]:
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
        )
    return [moved.get(id(entry), entry) for entry in entries]


class Work(NamedTuple):
    """A reward's code and the trial to advance with it."""

    code: str
    trial: Trial
    shared: bool = False
    """Baselines are kept for other runs."""


def train(run: Run, work: Sequence[Work], *, until: int, total: int) -> list[Trial]:
    """Advance trials to `until` steps of one schedule over `total`, from scratch or from their checkpoints."""
    settings = trainer(run)
    outcomes = run.execute([_train_job(run, item, settings, until=until, total=total) for item in work])
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


def _train_job(run: Run, work: Work, settings: dict[str, object], *, until: int, total: int) -> Job:
    trial = work.trial
    spec = {
        "world": run.task.world,
        "trainer": settings,
        "seed": trial.seed,
        "total": total,
        "until": until,
        "start": trial.job,
        "from": trial.steps,
        "candidate": trial.candidate,
    }
    links = {"start.npz": f"{trial.job}/checkpoint.npz"} if trial.job else {}
    texts = {"reward.py": work.code}
    return Job(kind="train", spec=spec, texts=texts, links=links, paths=run.task.paths, shared=work.shared)


def trainer(run: Run) -> dict[str, object]:
    """Name, version and resolved settings of the run's trainer: part of every training key.

    Raises UsageError where the trainer cannot do what is asked, as far as is known: more is known once measured.
    """
    name = run.config.trainer_name
    module = plugins.load("trainers", name)
    config: Frozen = resolve(run.config.trainer, module.Config, "trainer")
    if hasattr(module, "check"):
        module.check(config, run.measurement.get("discrete"))
    return {"name": name, "version": module.VERSION, "config": config.model_dump()}


def shipped_checkpoint(trial: Trial) -> int:
    """The checkpoint with the peak own return: chosen without looking at fitness."""
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
    spec = {
        "world": run.task.world,
        "judge": run.task.judge,
        "version": EVALUATOR_VERSION,
        "seeds": run.seeds(purpose, search.evaluation_episodes),
        "curve_seeds": run.seeds("curve", search.curve_episodes),
        "curve": checkpoints,
        "random": False,
    }
    return Job(kind="evaluate", spec=spec, links=links, paths=run.task.paths, shared=shared)
