"""The race of a round: successive halving at growing budgets, ties kept.

Karnin et al. 2013, "Almost Optimal Exploration in Multi-Armed Bandits"; Jamieson & Talwalkar 2016, "Non-stochastic Best
Arm Identification and Hyperparameter Optimization": all get a little, the better half gets more, and so on. Ours: rungs
are pauses of one schedule over the full budget, who cannot be told from the bar stays, and as many reach the end as are
to be confirmed. docs/decisions/0008-racing.md has the measurements behind rungs and ties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from eureka_cli.core import Draft, Entry, Trial
from eureka_cli.critics import bank
from eureka_cli.run import Run
from eureka_cli.steps import advance

Name = TypeVar("Name", bound=Hashable)


class Standing(NamedTuple):
    """What is known of a candidate at a share of the budget."""

    fitness: float
    error: float
    """Standard error of `fitness`."""


Measure = Callable[[Sequence[Name], float], dict[Name, Standing]]
"""Trains those named to a share of the budget and measures them; who failed is not in the answer."""
OnStop = Callable[[Name, float, Standing, Standing], None]
"""Told who stopped, at which share of the budget, where it stood, and the bar."""


def race(run: Run, drafts: Sequence[Draft], *, in_hand: int = 0) -> list[Entry]:
    """Train accepted candidates on shared seeds; by `halving` the weaker half stops early at each rung.

    `in_hand` candidates of earlier rounds were trained to the end, so confirmation needs fewer of this one.
    What the policies were seen to do joins the bank that judges later candidates.
    """
    search, total = run.config.search, run.trial_steps
    seeds = run.seeds("training", search.train_seeds)
    entries = {
        draft.candidate.id: Entry(draft, _unstarted(draft.candidate.id, seeds))
        for draft in drafts
        if draft.candidate and draft.verdict.accepted
    }

    def measure(names: Sequence[str], share: float) -> dict[str, Standing]:
        moved = advance(run, [entries[name] for name in names], until=math.ceil(share * total), total=total)
        entries.update(zip(names, moved, strict=True))
        return {name: standing(entries[name].trials) for name in names if entries[name].failure is None}

    def on_stop(name: str, share: float, at: Standing, bar: Standing) -> None:
        saved = sum(max(0, total - trial.steps) for trial in entries[name].trials)
        run.event("race-stopped", candidate=name, share=share, fitness=at.fitness, bar=bar.fitness, saved_steps=saved)

    rungs = search.race_rungs if search.racing == "halving" else ()
    floor = max(1, search.confirm - in_hand)
    halve(list(entries), measure, on_stop, rungs=rungs, ties=search.race_ties, floor=floor)
    bank.remember(run, list(entries.values()))
    return list(entries.values())


def _unstarted(candidate: str, seeds: Sequence[int]) -> tuple[Trial, ...]:
    return tuple(Trial(candidate=candidate, seed=seed, job="", steps=0) for seed in seeds)


# ---------------------------------------------------------------- the ladder


def halve(
    names: Sequence[Name],
    measure: Measure[Name],
    on_stop: OnStop[Name],
    *,
    rungs: Sequence[float],
    ties: float,
    floor: int,
) -> list[Name]:
    """Who reaches the end: at least `floor`, where so many do not fail.

    A rung is left out where nobody would have to stop. Where those that went on fail, the best of the stopped go on.
    """
    going, waiting = list(names), []
    for share in rungs:
        if len(going) <= floor:
            break
        field = measure(going, share)
        going = list(field)
        if len(going) <= floor:
            break
        bar = sorted(field.values())[-places(len(field), floor)]
        going = [name for name in field if stays(field[name], bar, ties)]
        stopped = sorted((name for name in field if name not in going), key=lambda name: field[name])
        for name in stopped:
            on_stop(name, share, field[name], bar)
        waiting += stopped
    done = list(measure(going, 1.0))
    while waiting and len(done) < floor:
        done += measure([waiting.pop()], 1.0)
    return done


def places(count: int, floor: int) -> int:
    """How many of `count` go on whoever ties: half, rounded up, and no fewer than `floor` where there are so many."""
    return max((count + 1) // 2, min(count, floor))


def stays(runner: Standing, bar: Standing, ties: float) -> bool:
    """At the bar, or below it by no more than `ties` standard errors of the difference."""
    return runner.fitness + ties * math.hypot(runner.error, bar.error) >= bar.fitness


def standing(trials: Sequence[Trial]) -> Standing:
    """Mean fitness over seeds with its standard error.

    The spread of seeds holds luck in training and in evaluation. Two seeds may agree by chance: the error is never less
    than what the episodes alone leave open.
    """
    scores = [trial.score for trial in trials if trial.score]
    means, count = [score.fitness for score in scores], len(scores)
    episodes = sum(float(np.var(score.episodes)) / len(score.episodes) for score in scores) / count**2
    seeds = float(np.var(means, ddof=1)) / count if count > 1 else 0.0
    return Standing(float(np.mean(means)), math.sqrt(max(episodes, seeds)))


def trainings(count: int, rungs: Sequence[float], floor: int) -> float:
    """How many full trainings the steps of `count` candidates come to, where none fails and none ties."""
    full, before = 0.0, 0.0
    for share in rungs:
        if count <= floor:
            break
        full += count * (share - before)
        count, before = places(count, floor), share
    return full + count * (1 - before)
