"""The end of a search whose goal is harder than the world it searched in: rank the best, climb, measure at the goal.

The search ends on rewards that do well where training is cheap. Which of them carries a policy to the goal is seen by
how far up each comes with a small budget; the winner then climbs with the full one, on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eureka_cli import climbing, tasks
from eureka_cli.climbing import LAST_POLICY, Climber, OnChunk, Plan, shown
from eureka_cli.conclusion import Confirmed, conclude
from eureka_cli.core import Candidate, Params, Score, Trial
from eureka_cli.errors import RunError
from eureka_cli.products import film
from eureka_cli.run import Run
from eureka_cli.steps import by_chance, measured

MOVED_BY = 2.0
"""A world is worth another film when a number of it has doubled or halved, or anything else of it changed."""


def reach(run: Run, plan: Plan, ranked: Sequence[Candidate]) -> Candidate:
    """The candidate that gets furthest up, trained up to the goal; it is measured there and under variants of it."""
    run.event(
        "climb-start", curriculum=plan.curriculum, goal=plan.goal, start=shown(plan, plan.start), total=plan.budget
    )
    for candidate in _rank(run, plan, ranked):
        climbed = _climb(run, plan, candidate)
        if not any(climber.trial.failure for climber in climbed if climber.label == "candidate"):
            break
        run.event("climb-failed", candidate=candidate.id)
    else:
        raise RunError("Every ranked candidate failed on its way up. Raise --rounds, or search.confirm.")
    [(task, _)] = measured(run, [run.task.goals[plan.goal]])
    confirmed = _measure(run, plan, climbed)
    best = next(item for item in confirmed if item.label == "candidate")
    return conclude(run, task, best, confirmed)


def _rank(run: Run, plan: Plan, candidates: Sequence[Candidate]) -> list[Candidate]:
    """From who came furthest up in `plan.rank` steps to who came least, then by fitness there; means over seeds."""
    if len(candidates) == 1:
        return list(candidates)
    seeds = run.seeds("training", run.config.search.train_seeds)
    starts = [climbing.begin(plan, "candidate", candidate, seed) for candidate in candidates for seed in seeds]
    there = climbing.climb(run, plan, starts, until=plan.rank, stage="rank")
    found: list[tuple[float, float, Candidate]] = []
    for k, candidate in enumerate(candidates):
        own = there[k * len(seeds) : (k + 1) * len(seeds)]
        fitness = [climber.trial.score.fitness for climber in own if climber.trial.score]
        if not any(climber.trial.failure for climber in own):
            found.append((float(np.mean([climber.height for climber in own])), float(np.mean(fitness)), candidate))
    found.sort(key=lambda row: row[:2], reverse=True)
    run.event("ranked", candidates=[{"candidate": row[2].id, "height": row[0], "fitness": row[1]} for row in found])
    return [row[2] for row in found]


def _climb(run: Run, plan: Plan, candidate: Candidate) -> list[Climber]:
    """The candidate, and where asked for the human reward, up with the full budget on fresh seeds."""
    contenders = [("candidate", candidate)]
    human = tasks.baseline(run.task, "human") if run.config.curriculum.human else None
    contenders += [("human", Candidate(code=human, slot="baseline/human"))] if human else []
    seeds = run.seeds("climb", run.config.curriculum.seeds)
    starts = [climbing.begin(plan, label, reward, seed) for label, reward in contenders for seed in seeds]
    return climbing.climb(run, plan, starts, until=plan.budget, stage="climb", on_chunk=_filming(run, plan, seeds[0]))


# ---------------------------------------------------------------- films on the way


def _filming(run: Run, plan: Plan, seed: int) -> OnChunk:
    """Films one climber wherever its world has become another."""
    filmed: list[Params] = []
    able = run.config.video

    def on_chunk(climber: Climber, params: Params) -> None:
        nonlocal able
        if not able or climber.label != "candidate" or climber.trial.seed != seed:
            return
        changed = [name for name in params if not filmed or _changed(filmed[-1][name], params[name])]
        if not changed:
            return
        what = "-".join(_slug(name, params[name]) for name in changed) if filmed else "start"
        target = run.folder.path / "videos" / f"climb-{len(filmed):02d}-{what}.mp4"
        filmed.append(params)
        [(task, _)] = measured(run, [params])
        able = film(run, task, f"{climber.trial.job}/{LAST_POLICY}", target) is not None
        if able:
            run.event("climb-video", file=str(target), params=shown(plan, params), steps=climber.trial.steps)

    return on_chunk


def _changed(before: float | str, now: float | str) -> bool:
    if isinstance(before, str) or isinstance(now, str):
        return before != now
    low, high = sorted((abs(before), abs(now)))
    return before * now < 0 or (high > 0 and high >= MOVED_BY * low)


def _slug(name: str, value: float | str) -> str:
    return value if isinstance(value, str) else f"{name}-{value:.2g}"


# ---------------------------------------------------------------- at the goal


def _measure(run: Run, plan: Plan, climbed: Sequence[Climber]) -> list[Confirmed]:
    """Log the scores of all at every goal and under every variant of the first, and of chance at the first.

    Returns what was scored at the first goal.
    """
    first = run.task.goals[plan.goal]
    places = [(goal, "", params) for goal, params in run.task.goals.items()]
    places += [(plan.goal, name, {**first, **params}) for name, params in run.task.variants.items()]
    worlds = [task for task, _ in measured(run, [params for *_, params in places])]
    teams = _teams(climbed)
    rows = [(team, place, task) for place, task in zip(places, worlds, strict=True) for team in teams]
    jobs = [climbing.evaluation(run, one, task, "confirmation-evaluation") for team, _, task in rows for one in team]
    scores = iter([Score.model_validate(outcome.result["score"]) for outcome in run.execute(jobs)])
    confirmed = []
    for team, (goal, variant, _), _ in rows:
        own = [next(scores) for _ in team]
        label, candidate = team[0].label, team[0].candidate
        _log(run, label, candidate.id, goal, variant, own)
        if (goal, variant) == (plan.goal, ""):
            trials = tuple(_shipping_the_last(one.trial) for one in team)
            confirmed.append(Confirmed(label, candidate, tuple(score.fitness for score in own), trials))
    _log(run, "random", "", plan.goal, "", by_chance(run, worlds[0], run.config.curriculum.seeds))
    return confirmed


def _teams(climbed: Sequence[Climber]) -> list[list[Climber]]:
    """The seeds of each reward that failed with none."""
    teams: dict[str, list[Climber]] = {}
    for climber in climbed:
        teams.setdefault(climber.label, []).append(climber)
    return [team for team in teams.values() if not any(climber.trial.failure for climber in team)]


def _shipping_the_last(trial: Trial) -> Trial:
    """Own return compares no checkpoints of different worlds."""
    return trial.model_copy(update={"shipped": len(trial.curve["steps"]) - 1})


def _log(run: Run, label: str, candidate: str, goal: str, variant: str, scores: Sequence[Score]) -> None:
    fitness = [score.fitness for score in scores]
    success = [score.success for score in scores if score.success is not None]
    extras = {name: [score.extras[name] for score in scores] for name in scores[0].extras}
    run.event(
        "at-goal",
        label=label,
        candidate=candidate,
        goal=goal,
        variant=variant,
        scores=fitness,
        success=success,
        drops=[score.drops for score in scores],
        extras=extras,
    )
    if (goal, variant) == (next(iter(run.task.goals)), ""):
        run.event("confirmed", label=label, candidate=candidate, scores=fitness, success=success)
