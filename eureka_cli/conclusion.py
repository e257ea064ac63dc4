"""What is left to say once rewards have their fitness on fresh seeds: the best, likeness, certificates, a video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from eureka_cli.analysis.intervals import bootstrap, iqm
from eureka_cli.certification import Suspect, certify
from eureka_cli.core import Candidate, Job, Task, Trial
from eureka_cli.errors import JobFailed, UsageError
from eureka_cli.products import filmed_seed, publish, video
from eureka_cli.run import Run
from eureka_cli.steps import shipped_checkpoint

COMPARE_VERSION = 1
COMPARED_EPISODES = 4


class Confirmed(NamedTuple):
    """One reward's fitness per fresh seed, trained and measured by the same code as every other."""

    label: str
    """`candidate`, `human`, `sparse` or `random`."""
    candidate: Candidate | None
    scores: tuple[float, ...]
    trials: tuple[Trial, ...]


def conclude(run: Run, task: Task, best: Confirmed, confirmed: Sequence[Confirmed]) -> Candidate:
    """Write the reward file, log the best, compare it with the others in the world of `task`, and film it there."""
    assert best.candidate is not None
    publish(run, best.candidate, _says(best.scores))
    fitness = best.scores[best.trials.index(_median_trial(best))]
    policy = {"policy": _median_policy(best), "policy_fitness": fitness}
    run.event("best", candidate=best.candidate.id, **policy, params=task.params)
    _likeness(run, task, best, confirmed)
    video(run, task, _median_policy(best), panel=_certificates(run, task, best, confirmed))
    return best.candidate


def _says(scores: Sequence[float]) -> str:
    if len(scores) == 1:
        return f"fitness {scores[0]:.3g}, one fresh seed"
    low, high = bootstrap(scores)
    seeds = f"{len(scores)} fresh seeds (interquartile mean, 95% bootstrap interval)"
    return f"fitness {iqm(scores):.3g} [{low:.3g}, {high:.3g}] over {seeds}"


def _median_trial(confirmed: Confirmed) -> Trial:
    """The seed in the middle."""
    order = np.argsort(confirmed.scores)
    return confirmed.trials[int(order[len(order) // 2])]


def _median_policy(confirmed: Confirmed) -> str:
    trial = _median_trial(confirmed)
    return f"{trial.job}/policy-{shipped_checkpoint(trial):02d}.npz"


def _likeness(run: Run, task: Task, best: Confirmed, confirmed: Sequence[Confirmed]) -> None:
    """Says how alike the best reward and the human one are: a model may have written down what it remembers."""
    human = next((item for item in confirmed if item.label == "human"), None)
    if human is None or best.candidate is None or human.candidate is None:
        return
    spec = {"world": task.world, "seeds": run.seeds("comparison", COMPARED_EPISODES), "version": COMPARE_VERSION}
    texts = {"ours.py": best.candidate.code, "theirs.py": human.candidate.code}
    links = {"ours.npz": _median_policy(best), "theirs.npz": _median_policy(human)}
    outcome = run.execute([Job(kind="compare", spec=spec, texts=texts, links=links, paths=task.paths)])[0]
    run.event("likeness", label="human", **outcome.result)


def _certificates(run: Run, task: Task, best: Confirmed, confirmed: Sequence[Confirmed]) -> str | None:
    """Of the best reward and, to compare, of the baselines; returns what is known of the episode to be filmed."""
    others = [item for item in confirmed if item.label != "candidate"]
    film = filmed_seed(run) if run.config.video else None
    suspects = [
        Suspect(item.label, item.candidate, _median_trial(item), film if item is best else None)
        for item in (best, *others)
        if item.candidate is not None
    ]
    try:
        return certify(run, task, suspects)[0]
    except (UsageError, JobFailed) as error:  # a warning light costs no result
        run.event("no-certificate", reason=str(error))
        return None
