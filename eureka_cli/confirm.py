"""The end of every search: the best few retrained on fresh seeds beside the baselines, or a climb to the goal.

Search fitness is not the reported score: it was maximised over. What is reported comes from seeds the search never saw;
they decide one thing, which of the two or three retrained is called the best.
"""

from __future__ import annotations

from collections.abc import Sequence

from eureka_cli import climbing, tasks
from eureka_cli.analysis.intervals import iqm
from eureka_cli.conclusion import Confirmed, conclude
from eureka_cli.core import Candidate, Entry, Score, Trial
from eureka_cli.errors import RunError
from eureka_cli.headline import reach
from eureka_cli.run import Run
from eureka_cli.steps import Work, by_chance, evaluate, finished, train


def confirm(run: Run, archive: Sequence[Entry]) -> Candidate:
    """The best candidate by fresh seeds; its score and the baselines' are logged, its video and file written."""
    candidates = [entry for entry in archive if finished(run, entry)]
    ranked = sorted(candidates, key=lambda entry: -(entry.fitness or 0.0))[: run.config.search.confirm]
    if not ranked:
        raise RunError("No candidate was trained to the end, so there is nothing to confirm. Raise --rounds.")
    if plan := climbing.plan(run):
        return reach(run, plan, [entry.candidate for entry in ranked])
    contenders = [("candidate", entry.candidate) for entry in ranked]
    for label in ("human", "sparse"):
        code = tasks.baseline(run.task, label)
        contenders += [(label, Candidate(code=code, slot=f"baseline/{label}"))] if code else []
    confirmed = _retrain(run, contenders)
    ours = [item for item in confirmed if item.label == "candidate"]
    if not ours:
        raise RunError("Every confirmed candidate failed on a fresh seed. Raise --rounds, or search.confirm.")
    _log(run, "random", "", by_chance(run, run.task, run.config.search.confirm_seeds))
    best = max(ours, key=lambda item: float(iqm(item.scores)))
    return conclude(run, run.task, best, confirmed)


def _retrain(run: Run, contenders: Sequence[tuple[str, Candidate]]) -> list[Confirmed]:
    """Every contender on every fresh seed, all side by side; one whose reward fails on any seed is left out."""
    seeds = run.seeds("confirmation", run.config.search.confirm_seeds)
    work = [
        Work(candidate.code, Trial(candidate=candidate.id, seed=seed, job="", steps=0), shared=label != "candidate")
        for label, candidate in contenders
        for seed in seeds
    ]
    total = run.trial_steps
    trained = train(run, work, until=total, total=total)
    kept = [item.shared for item in work]
    scored = evaluate(run, trained, curve=False, purpose="confirmation-evaluation", shared=kept)
    confirmed = []
    for k, (label, candidate) in enumerate(contenders):
        trials = tuple(scored[k * len(seeds) : (k + 1) * len(seeds)])
        failures = [trial.failure.message for trial in trials if trial.failure]
        if failures:
            run.event("confirmation-failed", label=label, candidate=candidate.id, reason=failures[0])
            continue
        scores = tuple(trial.score.fitness for trial in trials if trial.score)
        _log(run, label, candidate.id, [trial.score for trial in trials if trial.score])
        confirmed.append(Confirmed(label, candidate, scores, trials))
    return confirmed


def _log(run: Run, label: str, candidate: str, scores: Sequence[Score]) -> None:
    success = [score.success for score in scores if score.success is not None]
    fitness = [score.fitness for score in scores]
    extras = {name: [score.extras[name] for score in scores] for name in scores[0].extras}
    run.event("confirmed", label=label, candidate=candidate, scores=fitness, success=success, extras=extras)
