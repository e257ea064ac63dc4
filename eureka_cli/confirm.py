"""The end of every search: the best few retrained on fresh seeds beside the baselines, a video, the reward file.

Search fitness is not the reported score: it was maximised over. What is reported comes from seeds the search never saw;
they decide one thing, which of the two or three retrained is called the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli import climbing, tasks
from eureka_cli.analysis.intervals import bootstrap, iqm
from eureka_cli.certification import Suspect, certify
from eureka_cli.core import Candidate, Entry, Job, Score, Trial
from eureka_cli.errors import JobFailed, RunError, UsageError
from eureka_cli.headline import reach
from eureka_cli.products import filmed_seed, publish, video
from eureka_cli.run import Run
from eureka_cli.steps import Work, by_chance, evaluate, finished, shipped_checkpoint, train

COMPARE_VERSION = 1
COMPARED_EPISODES = 4


class Confirmed(NamedTuple):
    """One reward's fitness per fresh seed, trained and measured by the same code as every other."""

    label: str
    """`candidate`, `human`, `sparse` or `random`."""
    candidate: Candidate | None
    scores: tuple[float, ...]
    trials: tuple[Trial, ...]


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
    assert best.candidate is not None
    low, high = bootstrap(best.scores)
    seeds = f"{len(best.scores)} fresh seeds (interquartile mean, 95% bootstrap interval)"
    publish(run, best.candidate, f"fitness {iqm(best.scores):.3g} [{low:.3g}, {high:.3g}] over {seeds}")
    run.event("best", candidate=best.candidate.id)
    _likeness(run, best, confirmed)
    video(run, run.task, _median_policy(best), panel=_certificates(run, best, confirmed))
    return best.candidate


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
    run.event("confirmed", label=label, candidate=candidate, scores=fitness, success=success)


def _median_trial(confirmed: Confirmed) -> Trial:
    """The seed in the middle."""
    order = np.argsort(confirmed.scores)
    return confirmed.trials[int(order[len(order) // 2])]


def _median_policy(confirmed: Confirmed) -> str:
    trial = _median_trial(confirmed)
    return f"{trial.job}/policy-{shipped_checkpoint(trial):02d}.npz"


def _likeness(run: Run, best: Confirmed, confirmed: Sequence[Confirmed]) -> None:
    """Says how alike the best reward and the human one are: a model may have written down what it remembers."""
    human = next((item for item in confirmed if item.label == "human"), None)
    if human is None or best.candidate is None or human.candidate is None:
        return
    spec = {"world": run.task.world, "seeds": run.seeds("comparison", COMPARED_EPISODES), "version": COMPARE_VERSION}
    texts = {"ours.py": best.candidate.code, "theirs.py": human.candidate.code}
    links = {"ours.npz": _median_policy(best), "theirs.npz": _median_policy(human)}
    outcome = run.execute([Job(kind="compare", spec=spec, texts=texts, links=links, paths=run.task.paths)])[0]
    run.event("likeness", label="human", **outcome.result)


def _certificates(run: Run, best: Confirmed, confirmed: Sequence[Confirmed]) -> str | None:
    """Of the best reward and, to compare, of the baselines; returns what is known of the episode to be filmed."""
    others = [item for item in confirmed if item.label != "candidate"]
    film = filmed_seed(run) if run.config.video else None
    suspects = [
        Suspect(item.label, item.candidate, _median_trial(item), film if item is best else None)
        for item in (best, *others)
        if item.candidate is not None
    ]
    try:
        return certify(run, suspects)[0]
    except (UsageError, JobFailed) as error:  # a warning light costs no result
        run.event("no-certificate", reason=str(error))
        return None
